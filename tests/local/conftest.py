"""A small stack of its own for the tests of the stack."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.settings import StackSettings
from local.stack import Stack
from tests.support.stacks import STARTED

HERE = Path(__file__).parent


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(
    method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Reply:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def control(stack: Stack, method: str, path: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    return send(method, f"{stack.aws_endpoint}/_local/{path}", data).json


def eventually(condition: Callable[[], Any], seconds: float = 8) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="session")
def small(request: pytest.FixtureRequest) -> Iterator[Stack]:
    STARTED.add(request.config, ["local"])
    settings = StackSettings(
        template=HERE / "template.yaml",
        stack_name="small",
        fork=True,
        meter=True,
        retry_delays_seconds=(0.05, 0.05),
    )
    with Stack(settings) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "small" in request.fixturenames:
        request.getfixturevalue("small").faults.clear()
