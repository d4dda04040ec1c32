"""What every test may use: FFmpeg on the PATH and the whole product in a running stack."""

import os
from collections.abc import Iterator

import pytest

from local.ffmpeg import ensure_ffmpeg
from local.settings import StackSettings
from local.stack import Stack

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


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The product's own template, running; one per test process.

    Fails at the end if a function did what no policy of the template lets it do.
    """
    # A webhook, if there is one, is what wakes a job; a lost one is made up for soon.
    unhurried = {"PollSeconds": "10", "WebhookPollSeconds": "10"}
    with Stack(StackSettings(fork=True, generation_seconds=0.3, parameters=unhurried)) as running:
        yield running
        assert running.permissions.missing() == []
