"""A small stack of its own for the tests of the stack."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.settings import StackSettings
from local.stack import Stack
from tests.support.http import send
from tests.support.stacks import STARTED, Stacks

HERE = Path(__file__).parent


def control(stack: Stack, method: str, path: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    return send(method, f"{stack.aws_endpoint}/_local/{path}", data).json


@pytest.fixture(scope="session")
def small(request: pytest.FixtureRequest, stacks: Stacks) -> Iterator[Stack]:
    STARTED.add(request.config, ["local"])
    settings = StackSettings(
        template=HERE / "template.yaml",
        stack_name="small",
        meter=True,
        retry_delays_seconds=(0.05, 0.05),
    )
    with Stack(settings, stacks.starter) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "small" in request.fixturenames:
        request.getfixturevalue("small").faults.clear()
