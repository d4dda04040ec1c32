"""What is known of an execution: whether it runs, and whether it has ended."""

from datetime import UTC, datetime
from typing import Any

import pytest

from showreel.runs import executions

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:showreel-caller"
NOW = 1_000


def answering(monkeypatch: pytest.MonkeyPatch, answer: Any) -> executions.Executions:
    monkeypatch.setattr(executions, "call_states", lambda *_, **__: answer)
    monkeypatch.setattr(executions, "now_seconds", lambda: NOW)
    return executions.Executions("generation", ARN)


def test_an_execution_that_ended_within_this_second_is_not_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its event comes within milliseconds, and is the only one."""
    stopped = {"status": "ABORTED", "stopDate": datetime.fromtimestamp(NOW + 0.9, UTC)}
    on = answering(monkeypatch, stopped)
    assert not on.is_running("job")
    assert on.has_ended("job", unknown=False)
    assert not on.has_ended("job", 30, unknown=False)


def test_one_that_runs_has_not_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    on = answering(monkeypatch, {"status": "RUNNING"})
    assert on.is_running("job")
    assert not on.has_ended("job", unknown=True)
