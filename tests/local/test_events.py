"""EventBridge: put events, rules, schedules."""

import json
import uuid

from local.aws.events import interval_seconds
from local.stack import Stack
from tests.local.conftest import control
from tests.support.http import eventually


def put(stack: Stack, detail: dict[str, str], source: str = "test.app") -> None:
    entry = {"Source": source, "DetailType": "Told", "Detail": json.dumps(detail)}
    answer = stack.clients.make("events").put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 0
    assert answer["Entries"][0]["EventId"]


def test_a_rule_delivers_what_matches(small: Stack) -> None:
    mark = str(uuid.uuid4())
    put(small, {"kind": "small", "mark": f"not-{mark}"})
    put(small, {"kind": "bigger", "mark": mark})
    eventually(lambda: mark in small.log("echo"))
    assert f"not-{mark}" not in small.log("echo")


def test_a_schedule_fires_on_request(small: Stack) -> None:
    fired = control(small, "POST", "schedules/echo/fire")
    event = fired["answer"]["event"]
    assert event["source"] == "aws.events"
    assert event["detail-type"] == "Scheduled Event"
    assert control(small, "GET", "schedules") == {"schedules": {"echo": 60.0}}
    assert "error" in control(small, "POST", "schedules/nobody/fire")


def test_intervals() -> None:
    assert interval_seconds("rate(5 minutes)") == 300
    assert interval_seconds("rate(1 day)") == 86400
    assert interval_seconds("cron(0 12 * * ? *)") is None
