"""Tables and a bucket in this process, two tenants, and pictures that lie in the bucket."""

from collections.abc import Iterator
from threading import Lock
from typing import Any

import boto3
import pytest
from moto import mock_aws
from pytest_socket import enable_socket, socket_allow_hosts

from showreel.assets import service as assets
from showreel.core import aws, dynamo
from showreel.core import settings as core_settings
from showreel.core.dynamo import Table
from showreel.films.projects import service
from showreel.films.projects.responses import VideoProject
from showreel.films.projects.schemas import NewProject
from showreel.music import library as music
from tests.unit.films.support import ANN, BASE, OTHER_WORKSPACE, WORKSPACE, Project, upload


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    yield
    enable_socket()


def clear_caches() -> None:
    core_settings.settings.cache_clear()
    aws.client.cache_clear()
    assets.storage.cache_clear()
    assets._store.cache_clear()
    service.films.cache_clear()
    music.published_key.cache_clear()


def make_table(name: str) -> Table:
    boto3.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"}
            for name in ("pk", "sk", "list_key", "created_at")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_list",
                "KeySchema": [
                    {"AttributeName": "list_key", "KeyType": "HASH"},
                    {"AttributeName": "created_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return Table(name)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    for name, value in {
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "MEDIA_BUCKET": "media-bucket",
        "STUDIO_TABLE": "studio",
        "IDENTITY_TABLE": "identity",
    }.items():
        monkeypatch.setenv(name, value)
    clear_caches()
    with mock_aws():
        region = {"LocationConstraint": "eu-central-1"}
        boto3.client("s3").create_bucket(Bucket="media-bucket", CreateBucketConfiguration=region)
        identity, studio = make_table("identity"), make_table("studio")
        for workspace, user in ((WORKSPACE, "ann"), (OTHER_WORKSPACE, "eve")):
            member = {"pk": f"workspace#{workspace}", "sk": f"member#{user}", "role": "owner"}
            identity.put(member)
        yield studio
    clear_caches()


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto's transactions are not atomic under threads."""
    lock, call = Lock(), dynamo._call

    def locked(operation: str, **request: Any) -> Any:
        with lock:
            return call(operation, **request)

    monkeypatch.setattr(dynamo, "_call", locked)


@pytest.fixture
def project(cloud: Table) -> Project:
    """Makes a project of Ann's with so many clips."""

    def make(clips: int = 0, **fields: Any) -> VideoProject:
        bodies = [{"sourceImageUrl": upload(), "roomType": "kitchen"} for _ in range(clips)]
        body = {"name": "Home", "workspaceId": WORKSPACE, "clips": bodies, **fields}
        return service.create(ANN, NewProject.model_validate(body), BASE)

    return make
