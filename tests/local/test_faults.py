"""Calls broken at an exact moment, or for a while."""

import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import clock
from local.lambdas.invocation import Throttled
from local.stack import FunctionFailed, Stack
from tests.local.conftest import control
from tests.local.test_step_functions import finish, start
from tests.support.http import eventually, send


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


def asked(stack: Stack, service: str) -> None:
    if service == "s3":
        stack.clients.s3.put_object(Bucket=stack.variable("BUCKET"), Key="x", Body=b"x")
    elif service == "states":
        stack.clients.stepfunctions.list_state_machines()
    else:
        stack.clients.dynamodb.list_tables()


@pytest.mark.parametrize(
    ("service", "action", "code", "status"),
    [
        ("dynamodb", "throttle", "ProvisionedThroughputExceededException", 400),
        ("states", "throttle", "ThrottlingException", 400),
        ("dynamodb", "outage", "InternalServerError", 500),
        ("s3", "outage", "ServiceUnavailable", 503),
        ("states", "outage", "ServiceUnavailable", 503),
    ],
)
def test_a_service_is_out_for_a_while(
    small: Stack, service: str, action: str, code: str, status: int
) -> None:
    broken(small, service=service, operation="*", action=action, seconds=600)
    for _ in range(2):
        with pytest.raises(ClientError) as refused:
            asked(small, service)
        assert refused.value.response["Error"]["Code"] == code
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    clock.move(601)
    asked(small, service)


def test_a_share_of_calls_is_broken(small: Stack) -> None:
    fault = {"service": "dynamodb", "operation": "ListTables", "action": "delay"}
    broken(small, **fault, delay_seconds=0, seconds=600, share=0.5)
    for _ in range(40):
        small.clients.dynamodb.list_tables()
    told = control(small, "GET", "faults")["faults"][0]
    assert told["seen"] == 40
    assert 0 < told["fired"] < 40


def test_the_gateway_is_throttled(small: Stack) -> None:
    broken(small, service="gateway", operation="GET", action="throttle")
    replies = [send("GET", f"{small.base_url}/items/1") for _ in range(2)]
    assert [reply.status for reply in replies] == [429, 200]


def test_a_functions_concurrency_is_used_up(small: Stack) -> None:
    broken(small, service="invocations", operation="Request", function="task", action="throttle")
    with pytest.raises(Throttled):
        small.invoke("task", {"key": str(uuid.uuid4())})
    assert small.invoke("task", {"key": str(uuid.uuid4())})["attempt"] == 1


@pytest.mark.parametrize(("action", "times"), [("lose", 0), ("double", 2), ("delay", 1)])
def test_an_event_is_lost_doubled_or_late(small: Stack, action: str, times: int) -> None:
    keys = [str(uuid.uuid4()), str(uuid.uuid4())]
    fault = {"service": "invocations", "operation": "Event", "function": "task"}
    broken(small, **fault, action=action, delay_seconds=3600)
    for key in keys:
        small.functions.invoke_later("task", f'{{"key": "{key}"}}'.encode())
    eventually(lambda: attempts(small, keys[1]) == 1)
    if action == "delay":
        assert attempts(small, keys[0]) == 0
        clock.move(3600)
    eventually(lambda: attempts(small, keys[0]) == times)


def test_a_step_runs_twice(small: Stack) -> None:
    key = str(uuid.uuid4())
    broken(small, service="invocations", operation="Task", function="task", action="double")
    assert finish(small, start(small, {"kind": "once", "task": {"key": key}}))["status"] == (
        "SUCCEEDED"
    )
    eventually(lambda: attempts(small, key) == 2)


def test_an_index_lags_behind_its_table(small: Stack) -> None:
    table, owner = small.variable("TABLE"), str(uuid.uuid4())

    def put(number: int) -> None:
        row = {"pk": f"{owner}-{number}", "sk": "row", "owner": owner}
        small.clients.dynamodb.put_item(
            TableName=table, Item={name: {"S": value} for name, value in row.items()}
        )

    def found() -> int:
        answer = small.clients.dynamodb.query(
            TableName=table,
            IndexName="by_owner",
            KeyConditionExpression="#owner = :owner",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues={":owner": {"S": owner}},
        )
        return int(answer["Count"])

    put(1)
    broken(small, service="dynamodb", operation="Query", action="lag", seconds=60)
    assert found() == 1
    put(2)
    assert found() == 1
    clock.move(61)
    assert found() == 2


def test_one_vendor_is_out(small: Stack) -> None:
    broken(small, service="provider", vendor="fal", operation="*", action="outage", seconds=600)
    assert small.invoke("task", {"key": str(uuid.uuid4()), "vendor": POLL})["status"] in {401, 404}
    broken(small, service="provider", vendor="kling", operation="*", action="outage", seconds=600)
    answer = small.invoke("task", {"key": str(uuid.uuid4()), "vendor": POLL})
    assert answer == {"error": "RemoteDisconnected"}
