"""The stack's time, moved forward for everything that waits."""

import json
import threading
import time
import uuid

import pytest

from local import clock
from local.lambdas import moved_clock
from local.stack import Stack
from showreel.core import clock as product
from tests.local.conftest import control
from tests.support.http import eventually

HOUR = 3600.0


def test_a_wait_ends_when_the_time_is_moved() -> None:
    event, began = clock.Event(), time.monotonic()
    waiting = threading.Thread(target=event.wait, args=(HOUR,))
    waiting.start()
    while not clock._waiting:
        time.sleep(0.01)
    clock.move(HOUR)
    waiting.join(5)
    assert not waiting.is_alive()
    assert time.monotonic() - began < 5
    assert not event.is_set()


def test_an_event_is_heard_though_it_was_cleared_at_once() -> None:
    event, heard = clock.Event(), list[bool]()
    waiting = threading.Thread(target=lambda: heard.append(event.wait(HOUR)))
    waiting.start()
    while not clock._waiting:
        time.sleep(0.01)
    event.set()
    event.clear()
    waiting.join(5)
    assert heard == [True]


def test_time_only_goes_forward() -> None:
    with pytest.raises(ValueError, match="forward"):
        clock.move(-1)


def test_what_waits_in_a_state_machine_goes_on(small: Stack) -> None:
    definition = {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 3600}}}
    definition["States"]["Rest"]["End"] = True  # type: ignore[index]  # a dict
    name = f"resting-{uuid.uuid4().hex[:8]}"
    client = small.clients.stepfunctions
    machine = client.create_state_machine(
        name=name,
        definition=json.dumps(definition),
        roleArn=f"arn:aws:iam::{small.settings.account}:role/any",
    )["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine, name="x")["executionArn"]
    eventually(lambda: clock._waiting or None)
    assert client.describe_execution(executionArn=execution)["status"] == "RUNNING"
    told = control(small, "POST", "clock", {"seconds": HOUR})
    assert told["offset_seconds"] >= HOUR

    def ended() -> dict[str, str] | None:
        found: dict[str, str] = client.describe_execution(executionArn=execution)
        return found if found["status"] == "SUCCEEDED" else None

    found = eventually(ended)
    assert abs(found["stopDate"].timestamp() - clock.time()) < 60  # type: ignore[attr-defined]  # a date


def test_a_functions_clock_follows_the_stacks_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("time", "datetime"):
        monkeypatch.setattr(product, name, getattr(product, name))
    moved_clock.install(str(clock.PATH))
    before = product.now_seconds()
    clock.move(HOUR)
    assert 0 <= product.now_seconds() - before - HOUR < 5
    assert abs(product.now_seconds() - clock.time()) < 5
    assert abs((product.now() - clock.now()).total_seconds()) < 5
    assert product.iso_at(product.seconds_at("2026-11-20T22:26:13Z")) == "2026-11-20T22:26:13.000Z"
