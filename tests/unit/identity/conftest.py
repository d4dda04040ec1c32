"""A table and secrets in this process, and requests as API Gateway sends them."""

import json
import math
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pytest_socket import enable_socket, socket_allow_hosts

from showreel.core import dynamo, secrets
from showreel.core import settings as core_settings
from showreel.core.clock import now_seconds
from showreel.identity import jwks, store
from tests.support.cloud import empty_cloud

SECRET = "a-shared-secret-of-more-than-32-bytes"
SERVICE_TOKEN = "service-token-of-the-operator"
SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:1:secret:auth"
ISSUER = "https://id.example.com/"
AUDIENCE = "showreel"
ORIGIN = "https://app.example.com"
DOMAIN = "abc.execute-api.eu-central-1.amazonaws.com"


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    yield
    enable_socket()


HELD = {"jwt_secret": SECRET, "service_token": SERVICE_TOKEN}
"""What the secret holds; `tests/functions` reads it through the real client."""
RUN_TOKEN_SECRET_ARN = f"{SECRET_ARN}-of-runs"


def lose_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has each transaction written, then sent again as after a lost reply."""
    call = dynamo._call

    def twice(operation: str, **request: Any) -> Any:
        if operation == "transact_write_items":
            call(operation, **request)
        return call(operation, **request)

    monkeypatch.setattr(dynamo, "_call", twice)


def clear_caches() -> None:
    core_settings.settings.cache_clear()
    store.workspaces.cache_clear()
    jwks.published_keys.cache_clear()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AUTH_SECRET_ARN": SECRET_ARN,
        "RUN_TOKEN_SECRET_ARN": RUN_TOKEN_SECRET_ARN,
        "IDENTITY_TABLE": "identity",
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
        "ALLOWED_ORIGIN": ORIGIN,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(secrets._kept, SECRET_ARN, (math.inf, json.dumps(HELD)))
    run_key = json.dumps({"run_token_key": "run-key"})
    monkeypatch.setitem(secrets._kept, RUN_TOKEN_SECRET_ARN, (math.inf, run_key))
    clear_caches()
    yield
    clear_caches()


@pytest.fixture
def table() -> Iterator[None]:
    with empty_cloud():
        yield


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token; a change to None leaves one out."""
    good = {"sub": "user-1", "iss": ISSUER, "aud": AUDIENCE, "exp": now_seconds() + 3600}
    return {name: value for name, value in (good | changes).items() if value is not None}


def token(
    *, key: Any = SECRET, algorithm: str = "HS256", headers: Any = None, **changes: Any
) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)


def request(
    method: str = "POST",
    path: str = "/api/video-projects",
    *,
    body: Any = None,
    query: dict[str, str] | None = None,
    **headers: str,
) -> APIGatewayRestResolver:
    """A resolver in the middle of a request."""
    event = {
        "httpMethod": method,
        "path": path,
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "queryStringParameters": query,
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
        "requestContext": {"domainName": DOMAIN, "stage": "prod", "requestId": "r"},
    }
    app = APIGatewayRestResolver()
    app.current_event = APIGatewayProxyEvent(event)
    return app
