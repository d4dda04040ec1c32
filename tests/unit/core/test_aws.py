"""The cut-down data says what botocore's says."""

import boto3
import pytest
from botocore.config import Config

from showreel.core import aws
from tools import aws_models

SIGNED = "X-Amz-Algorithm=AWS4-HMAC-SHA256"


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    aws.client.cache_clear()
    aws.session.cache_clear()
    yield
    aws.client.cache_clear()
    aws.session.cache_clear()


def test_the_committed_data_is_botocores():
    assert aws_models.main(["--check"]) == 0


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize("service", aws_models.OPERATIONS)
def test_a_service_is_found_where_boto3_finds_it(monkeypatch, region, service):
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    assert aws.client(service).meta.endpoint_url == boto3.client(service).meta.endpoint_url


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_a_signed_url_has_the_host_and_the_signature_of_boto3(monkeypatch, region):
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    wish = ("get_object", {"Bucket": "media", "Key": "a/b c.mp4"})
    urls = [
        s3.generate_presigned_url(*wish)
        for s3 in (aws.client("s3"), boto3.client("s3", config=config))
    ]
    hosts = {url.partition("?")[0] for url in urls}
    assert len(hosts) == 1
    assert all(SIGNED in url for url in urls)


@pytest.mark.parametrize("service", aws_models.OPERATIONS)
def test_every_error_class_of_an_operation_is_there(service):
    full = boto3.client(service, region_name="us-east-1").meta.service_model
    own = aws.session().create_client(service, region_name="us-east-1").meta.service_model
    for name in aws_models.OPERATIONS[service]:
        expected = [shape.name for shape in full.operation_model(name).error_shapes]
        assert [shape.name for shape in own.operation_model(name).error_shapes] == expected


@pytest.mark.parametrize("service", aws_models.OPERATIONS)
def test_a_client_has_the_handlers_of_boto3(service):
    """Of those that every client has; others come with a service's own data."""
    own, full = aws.client(service).meta.events, boto3.client(service).meta.events
    kinds = ("before-parameter-build", "before-call", "before-sign", "after-call", "needs-retry")
    for kind in (*kinds, "request-created", "choose-signer", "before-endpoint-resolution"):
        for operation in aws_models.OPERATIONS[service]:
            event = f"{kind}.{own_id(service)}.{operation}"
            assert names(own, event) == names(full, event), event


def own_id(service):
    return aws.client(service).meta.service_model.service_id.hyphenize()


def names(events, event):
    emitter = getattr(events, "_emitter", events)
    found = emitter._handlers.prefix_search(event)
    return [each.__qualname__ for each in found if each.__module__ == "botocore.handlers"]
