"""Calls broken at an exact moment."""

import time
import uuid
from typing import Any

import pytest

from local.stack import FunctionFailed, Stack
from tests.local.conftest import control
from tests.support.http import eventually


def broken(stack: Stack, **fault: Any) -> None:
    assert "id" in control(stack, "POST", "faults", fault)


def attempts(stack: Stack, key: str) -> int:
    answer = stack.clients.dynamodb.get_item(
        TableName=stack.variable("TABLE"), Key={"pk": {"S": key}, "sk": {"S": "attempts"}}
    )
    return int(answer.get("Item", {}).get("attempts", {}).get("N", 0))


def test_kill_before_the_nth_call(small: Stack) -> None:
    key = str(uuid.uuid4())
    fault = {"service": "dynamodb", "operation": "UpdateItem", "function": "task"}
    broken(small, **fault, nth=2, action="kill")
    assert small.invoke("task", {"key": key})["attempt"] == 1
    with pytest.raises(FunctionFailed, match=r"Runtime\.ExitError"):
        small.invoke("task", {"key": key})
    assert attempts(small, key) == 1
    assert small.invoke("task", {"key": key})["attempt"] == 2


def test_kill_after_the_call_was_carried_out(small: Stack) -> None:
    key = str(uuid.uuid4())
    fault = {"service": "dynamodb", "operation": "UpdateItem", "when": "after"}
    broken(small, **fault, nth=1, action="kill")
    with pytest.raises(FunctionFailed, match=r"Runtime\.ExitError"):
        small.invoke("task", {"key": key})
    assert attempts(small, key) == 1


def test_a_dropped_reply_makes_the_client_call_again(small: Stack) -> None:
    key = str(uuid.uuid4())
    broken(small, service="dynamodb", operation="UpdateItem", nth=1, action="drop_reply")
    assert small.invoke("task", {"key": key})["attempt"] == 2


def test_an_error_of_our_choice(small: Stack) -> None:
    fault = {"service": "s3", "operation": "PutObject", "code": "AccessDenied", "status": 403}
    broken(small, **fault, action="error")
    with pytest.raises(FunctionFailed, match="AccessDenied"):
        small.invoke("task", {"key": str(uuid.uuid4()), "write": True})


def test_a_delay(small: Stack) -> None:
    broken(small, service="dynamodb", operation="*", function="task", action="delay")
    begun = time.monotonic()
    small.invoke("task", {"key": str(uuid.uuid4())})
    assert time.monotonic() - begun > 1


def test_other_functions_and_operations_are_left_alone(small: Stack) -> None:
    broken(small, service="dynamodb", operation="UpdateItem", function="echo", action="kill")
    broken(small, service="dynamodb", operation="PutItem", action="kill")
    assert small.invoke("task", {"key": str(uuid.uuid4())})["attempt"] == 1
    assert [fault["seen"] for fault in control(small, "GET", "faults")["faults"]] == [0, 0]


def test_faults_are_listed_and_cleared(small: Stack) -> None:
    broken(small, service="dynamodb", operation="GetItem", action="kill", nth=99)
    assert len(control(small, "GET", "faults")["faults"]) == 1
    control(small, "DELETE", "faults")
    assert control(small, "GET", "faults")["faults"] == []


@pytest.mark.parametrize(
    "fault",
    [
        {"service": "s3", "operation": "GetObject", "action": "explode"},
        {"service": "s3", "action": "kill"},
        {"service": "s3", "operation": "GetObject", "action": "kill", "nht": 2},
    ],
)
def test_a_fault_that_cannot_be_is_refused(small: Stack, fault: dict[str, Any]) -> None:
    assert "error" in control(small, "POST", "faults", fault)


def test_killed_functions_are_retried_when_asynchronous(small: Stack) -> None:
    key = str(uuid.uuid4())
    broken(small, service="dynamodb", operation="UpdateItem", function="task", action="kill")
    small.functions.invoke_later("task", f'{{"key": "{key}"}}'.encode())
    eventually(lambda: attempts(small, key) == 1)


POLL = "/v1/videos/image2video/no-such-task"


def test_provider_calls_are_attributed_to_the_process(small: Stack) -> None:
    broken(small, service="provider", operation="poll", function="echo", action="kill")
    broken(small, service="provider", operation="poll", function="task", nth=2, action="kill")
    event = {"key": str(uuid.uuid4()), "vendor": POLL}
    assert small.invoke("task", event)["status"] in {401, 404}
    with pytest.raises(FunctionFailed, match=r"Runtime\.ExitError"):
        small.invoke("task", event)


@pytest.mark.parametrize("action", ["drop_reply", "error"])
def test_a_provider_that_gives_no_answer(small: Stack, action: str) -> None:
    broken(small, service="provider", operation="poll", action=action)
    answer = small.invoke("task", {"key": str(uuid.uuid4()), "vendor": POLL})
    assert answer == {"error": "RemoteDisconnected"}
