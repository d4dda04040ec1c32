"""Handlers as Lambda calls them: loaded from their folders, given events, with AWS in-process."""

import functools
import gzip
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from pytest_socket import enable_socket, socket_allow_hosts

from local.sam_local.placeholders import example, fill
from showreel.assets import service as assets
from showreel.core import secrets
from showreel.core.clock import now_seconds
from showreel.edge.streaming.answers import StreamedAnswer
from showreel.identity import store as identity
from showreel.storyboards import access as storyboards
from showreel.wallets import store as wallets
from tests.support import document
from tests.support.cloud import empty_cloud, put_secret
from tests.support.stacks import group_of

REPOSITORY = Path(__file__).parents[2]
SECRET = "a-shared-secret-of-more-than-32-bytes"
SERVICE_TOKEN = "service-token-of-the-operator"
ENVIRONMENT = {
    "POWERTOOLS_SERVICE_NAME": "showreel",
    "JWT_ISSUER": "https://id.example.com/",
    "JWT_AUDIENCE": "showreel",
    "PUBLIC_BASE_URL": "",
    "ALLOWED_ORIGIN": "*",
}
Invoke = Callable[..., dict[str, Any]]


def clear_caches() -> None:
    secrets._kept.clear()
    assets.storage.cache_clear()
    assets.asset_rows.cache_clear()
    identity.workspaces.cache_clear()
    wallets.wallets.cache_clear()
    storyboards.storyboards.cache_clear()
    storyboards.shot_media.cache_clear()
    storyboards.removal.cache_clear()


@pytest.fixture(autouse=True)
def cloud(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS in this process, empty. Tests of a stack have the stack's, which this would empty."""
    if group_of(request.node.nodeid) is not None:
        enable_socket()
        yield
        return
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    with empty_cloud():
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        clear_caches()
        held = {"jwt_secret": SECRET, "service_token": SERVICE_TOKEN}
        monkeypatch.setenv("AUTH_SECRET_ARN", put_secret("auth", json.dumps(held)))
        key = json.dumps({"run_token_key": "run-key"})
        monkeypatch.setenv("RUN_TOKEN_SECRET_ARN", put_secret("run-token", key))
        key = json.dumps({"webhook_key": "hook-key"})
        monkeypatch.setenv("WEBHOOK_SECRET_ARN", put_secret("webhooks", key))
        yield
    clear_caches()
    enable_socket()


EXAMPLE = {
    "token": "none",
    "run_token": "none",
    "workspace_id": "8f14e45f-ceea-467f-9575-25a5e3d4c9a1",
    "project_id": "vp_abc123def456",
    "storyboard_id": "5b0d8f5e-3c1b-4a51-9a65-0d2b6a4f7c11",
    "scene_id": "0c1f7a0e-9f3e-4f0a-8f0b-2a7d3a1c9e55",
    "shot_id": "5d1c2b3a-9f3e-4f0a-8f0b-2a7d3a1c9e77",
    "graph_storyboard_id": "7e2a4c1d-3c1b-4a51-9a65-0d2b6a4f7c22",
    "run_id": "run_3b1f0c9a5d7e4f21a6c84d2e9b70f513",
    "batch_run_id": "run_7c2f0c9a5d7e4f21a6c84d2e9b70f514",
    "job_id": "3f2a5c1e-0b7d-4d6e-9a51-6c1f0e8a2b47",
    "image_url": "https://images.example.com/living-room.jpg",
    "webhook_id": "msg_1",
    "webhook_timestamp": "1795213573",
    "webhook_signature": "v1,none",
    "webhook_body": "{}",
    "signature": "none",
    "attempt": "none",
    "bucket": "generation-videos",
    "file": "3f2a5c1e-0b7d-4d6e-9a51-6c1f0e8a2b47.mp4",
    "wallet_request": json.dumps(
        {"walletAddress": f"0x{'0' * 40}", "message": "none", "signature": "none"}
    ),
}
"""What the placeholders of an example event stand for in these tests."""


def event_of(function: str) -> dict[str, Any]:
    """The function's documented example."""
    event: dict[str, Any] = json.loads(_event_text(function))
    return event


@functools.cache
def _event_text(function: str) -> str:
    return json.dumps(fill(example(function), EXAMPLE))


def token(user_id: str = "user-1") -> str:
    return _token(user_id, int(now_seconds()))


@functools.lru_cache
def _token(user_id: str, now: int) -> str:
    claims = {"sub": user_id, "iss": ENVIRONMENT["JWT_ISSUER"], "aud": "showreel"}
    return jwt.encode(claims | {"exp": now + 600}, SECRET, algorithm="HS256")


@pytest.fixture
def invoke() -> Invoke:
    """Calls a function with its example event, changed as asked: `user`, `body`, `method`, ..."""

    def call(
        function: str,
        *,
        user: str | None = "user-1",
        body: Any = None,
        method: str | None = None,
        path: str | None = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        event = event_of(function)
        event["headers"].pop("Authorization", None)
        if user is not None:
            event["headers"]["Authorization"] = f"Bearer {token(user)}"
        event["headers"] |= headers or {}
        event["multiValueHeaders"] = {k: [v] for k, v in event["headers"].items()}
        event["httpMethod"] = method or event["httpMethod"]
        event["path"] = path or event["path"]
        event["queryStringParameters"] = query
        event["multiValueQueryStringParameters"] = {k: [v] for k, v in (query or {}).items()}
        if body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        return delivered(function, event)

    return call


def delivered(
    function: str, event: dict[str, Any], remaining_ms: Callable[[], int] = lambda: 10_000
) -> dict[str, Any]:
    """The function's answer to an event. Raises AssertionError for one that isn't documented."""
    arn = f"arn:aws:lambda:eu-central-1:123456789012:function:showreel-{function}"
    context = SimpleNamespace(
        invoked_function_arn=arn,
        aws_request_id="request-1",
        get_remaining_time_in_millis=remaining_ms,
    )
    answer = whole(_module(function).handler(event, context))
    kind = header(answer, "content-type") or ""
    body = answer.get("body") or ""
    document.check(event["httpMethod"], event["path"], answer["statusCode"], kind, body)
    return answer | {"json": _parsed(body)}


def whole(answer: Any) -> dict[str, Any]:
    """A proxy dict as it is, a streamed answer as one with a body of bytes."""
    if not isinstance(answer, StreamedAnswer):
        return dict(answer)
    headers = {name: [value] for name, value in answer.headers.items()}
    body = b"".join(answer.body)
    if answer.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return {"statusCode": answer.status, "multiValueHeaders": headers, "body": body}


def _parsed(body: Any) -> Any:
    try:
        return json.loads(body)
    except (TypeError, ValueError):
        return None


@functools.cache
def _module(function: str) -> Any:
    file = REPOSITORY / "functions" / function / "app.py"
    spec = importlib.util.spec_from_file_location(f"functions_{function}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def header(answer: dict[str, Any], name: str) -> str | None:
    """One header's first value, whichever way it was answered."""
    pairs = {key.lower(): values for key, values in answer["multiValueHeaders"].items()}
    return pairs[name.lower()][0] if name.lower() in pairs else None
