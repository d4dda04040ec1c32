"""What every test may use: FFmpeg on the PATH and the whole product in a running stack."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from local.lambdas.ffmpeg import ensure_ffmpeg
from local.settings import StackSettings
from local.stack import Stack
from tests import permissions

STACKS = frozenset({"stack", "small", "market"})
"""Fixtures that run a stack in the test process for the whole session."""


def pytest_configure() -> None:
    """FFmpeg is found as the layer's is in Lambda: by name."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    os.environ["PATH"] = os.pathsep.join([str(ensure_ffmpeg().parent), os.environ["PATH"]])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a running stack come last, those of one stack in one process.

    Tests with AWS in their own process reset it at their start, and with it the stack's data.
    """
    with_stack = [item for item in items if STACKS & set(getattr(item, "fixturenames", ()))]
    for item in with_stack:
        own = "market" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("market" if own else "stack"))
    items.sort(key=with_stack.__contains__)


def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker process ended (pytest-xdist): what its stacks used counts for the whole run."""
    permissions.hear(node.config, getattr(node, "workeroutput", None) or {})


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """After the whole suite, passed: a permission that nothing needed fails the run."""
    config = session.config
    if hasattr(config, "workeroutput"):
        permissions.tell(config)
        return
    whole = config.args == config.getini("testpaths") and not config.option.keyword
    if whole and exitstatus == pytest.ExitCode.OK and permissions.unused(config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Names permissions that a run of everything didn't need."""
    whole = config.args == config.getini("testpaths") and not config.option.keyword
    if whole and (found := permissions.unused(config)):
        terminalreporter.section("granted and never used")
        for grant in found:
            terminalreporter.line(f"{grant.function}: {grant.action} on {grant.resource}")


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The product's own template, running; one per test process.

    Fails at the end if a function was denied something.
    """
    parameters = {
        "PollSeconds": "10",  # so that a webhook, if there is one, is what wakes a job
        "WebhookPollSeconds": "10",
        "StreamSeconds": "1",  # so that every film that is followed has streams that are cut
        "ViewerConcurrency": "30",
    }
    with Stack(StackSettings(fork=True, generation_seconds=0.3, parameters=parameters)) as running:
        yield running
        permissions.note(request.config, running)
