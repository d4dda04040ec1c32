"""AWS in a test's own process (moto): the template's tables, made once and empty for each test."""

import functools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.core.models import botocore_stubber
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.models import stepfunctions_backends

from local.aws import dynamodb, moto_accounts
from local.aws.resources import TABLE_PROPERTIES
from local.settings import ROOT
from local.template import load_yaml
from showreel.core import aws
from showreel.core import settings as core_settings
from tests.support.direct import answer_directly, read_secrets_directly

REGION = "eu-central-1"
BUCKET = "media-bucket"
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "MEDIA_BUCKET": BUCKET,
    "JOBS_TABLE": "jobs",
    "CREDITS_TABLE": "credits",
    "STUDIO_TABLE": "studio",
    "RUNS_TABLE": "runs",
    "IDENTITY_TABLE": "identity",
    "WEBHOOKS_TABLE": "webhooks",
}


@contextmanager
def empty_cloud() -> Iterator[None]:
    """Answers calls to AWS in this process: every table of the template and the bucket, empty."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        core_settings.settings.cache_clear()
        botocore_stubber.enabled = True
        try:
            _keep_clients()
            _empty()
            yield
        finally:
            botocore_stubber.enabled = False
            core_settings.settings.cache_clear()


def _keep_clients() -> None:
    """Uses the product's clients of the test before, if nobody else made others since."""
    if aws.client.cache_info().currsize and aws.client("dynamodb") is _kept.get("client"):
        return
    aws.client.cache_clear()
    made: Any = aws.client("dynamodb")
    answer_directly(made, REGION)
    read_secrets_directly(aws.client("secretsmanager"), REGION)
    _kept["client"] = made


_kept: dict[str, Any] = {}


def _empty() -> None:
    dynamodb.mend()
    backend: Any = dynamodb_backends[ACCOUNT][REGION]
    for name, properties in _tables().items():
        if name in backend.tables:
            backend.tables[name].items.clear()
        else:
            client("dynamodb").create_table(TableName=name, **properties)
    moto_accounts.empty_s3(ACCOUNT)
    s3_backends[ACCOUNT]["aws"].create_bucket(BUCKET, REGION)
    secretsmanager_backends[ACCOUNT][REGION].reset()


@functools.cache
def _tables() -> dict[str, dict[str, Any]]:
    """The template's tables, `JobsTable` as `jobs` and so on."""
    return {
        name.removesuffix("Table").lower(): {
            key: resource["Properties"][key]
            for key in TABLE_PROPERTIES
            if key in resource["Properties"]
        }
        for name, resource in load_yaml(ROOT / "template.yaml")["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


@functools.cache
def client(service: str) -> Any:
    """A whole boto3 client, made once: reading a service's description takes a while."""
    return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]  # any service


def forget_machines() -> None:
    """Removes every state machine of a test before."""
    stepfunctions_backends[ACCOUNT][REGION].reset()


def put_secret(name: str, value: str) -> str:
    """Stores a secret; returns its ARN. Not over HTTP: nearly every test has three."""
    made = secretsmanager_backends[ACCOUNT][REGION].create_secret(
        name=name,
        secret_string=value,
        secret_binary=None,
        description="",
        tags=[],
        kms_key_id=None,
        client_request_token=None,
        replica_regions=[],
        force_overwrite=False,
    )
    return str(json.loads(made)["ARN"])


def new_webhook_queue() -> str:
    """Makes the queue of webhooks anew, empty; returns its URL."""
    queues: Any = sqs_backends[ACCOUNT][REGION]
    queues.reset()
    made = queues.create_queue("q.fifo", None, FifoQueue="true")
    return str(made.url(urlsplit(f"https://sqs.{REGION}.amazonaws.com/")))
