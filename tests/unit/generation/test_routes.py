"""A step's answer becomes a success or an error that its state catches by name."""

import json
from typing import Any

import pytest

from showreel.generation import routes
from showreel.generation.models import NextStep
from showreel.generation.service import create_job
from showreel.runs import executions as states
from tests.unit.generation.support import request


class States:
    """Step Functions, as far as it is asked here."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def send_task_success(self, **request: Any) -> None:
        self.calls.append(("success", request))

    def send_task_failure(self, **request: Any) -> None:
        self.calls.append((request["error"], json.loads(request["cause"])))


@pytest.fixture
def machine_states(monkeypatch: pytest.MonkeyPatch) -> States:
    found = States()
    monkeypatch.setattr(states, "client", lambda _: found)
    return found


def test_what_is_to_be_settled_goes_the_usual_way(machine_states: States) -> None:
    routes.answer_state(None, "job", "token", NextStep(route="settle"))  # type: ignore[arg-type]
    assert machine_states.calls == [("success", {"taskToken": "token", "output": "{}"})]


def test_every_other_way_is_an_error_by_its_name(machine_states: States) -> None:
    routes.answer_state(None, "job", "token", NextStep(route="await", wait_seconds=7))  # type: ignore[arg-type]
    assert machine_states.calls == [("await", {"wait_seconds": 7})]


def test_a_held_state_is_left_to_the_webhook(engine, machine_states: States) -> None:
    create_job(engine, request())
    routes.answer_state(engine.jobs, "job", "token", NextStep(route="hold"))
    assert machine_states.calls == []
    assert engine.jobs.get("job").await_token == "token"
