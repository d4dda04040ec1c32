"""State machines: Map, retries, task tokens, stopping, status events."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.stack import Stack
from tests.support.http import eventually


def start(stack: Stack, body: dict[str, Any], name: str | None = None) -> str:
    machine = stack.template.lookup("Machine", "Arn")
    answer = stack.clients.stepfunctions.start_execution(
        stateMachineArn=machine, name=name or str(uuid.uuid4()), input=json.dumps(body)
    )
    return str(answer["executionArn"])


def finish(stack: Stack, arn: str) -> dict[str, Any]:
    describe = stack.clients.stepfunctions.describe_execution

    def ended() -> Any:
        execution = describe(executionArn=arn)
        return execution if execution["status"] != "RUNNING" else None

    result: dict[str, Any] = eventually(ended)
    return result


def token(stack: Stack, key: str, attempt: int = 1) -> str:
    def stored() -> Any:
        answer = stack.clients.dynamodb.get_item(
            TableName=stack.variable("TABLE"),
            Key={"pk": {"S": key}, "sk": {"S": f"token#{attempt}"}},
            ConsistentRead=True,
        )
        return answer.get("Item")

    return str(eventually(stored)["token"]["S"])


def waiting(stack: Stack, **more: Any) -> tuple[str, str]:
    key = str(uuid.uuid4())
    arn = start(stack, {"kind": "token", "key": key, "fail": 0, "timeout": 20, **more})
    return arn, key


def test_a_map_runs_every_item(small: Stack) -> None:
    keys = [str(uuid.uuid4()) for _ in range(5)]
    arn = start(small, {"kind": "map", "tasks": [{"key": key} for key in keys]})
    result = finish(small, arn)
    assert result["status"] == "SUCCEEDED"
    assert json.loads(result["output"]) == [{"attempt": 1, "key": key} for key in keys]


def test_a_dead_process_is_retried_by_its_error_name(small: Stack) -> None:
    arn = start(small, {"kind": "once", "task": {"key": str(uuid.uuid4()), "die": 1}})
    result = finish(small, arn)
    assert result["status"] == "SUCCEEDED"
    assert json.loads(result["output"])["attempt"] == 2


def test_attempts_end_and_the_error_is_kept(small: Stack) -> None:
    arn = start(small, {"kind": "once", "task": {"key": str(uuid.uuid4()), "die": 9}})
    result = finish(small, arn)
    assert result["status"] == "FAILED"
    assert result["error"] == "Runtime.ExitError"
    assert "exit status 1" in result["cause"]


def test_a_token_is_good_once(small: Stack) -> None:
    arn, key = waiting(small)
    known = token(small, key)
    answer = small.clients.stepfunctions.send_task_success
    answer(taskToken=known, output='{"film": 1}')
    assert json.loads(finish(small, arn)["output"]) == {"film": 1}
    with pytest.raises(ClientError) as stale:
        answer(taskToken=known, output="{}")
    assert stale.value.response["Error"]["Code"] == "TaskTimedOut"


def test_a_strange_token_is_invalid(small: Stack) -> None:
    with pytest.raises(ClientError) as strange:
        small.clients.stepfunctions.send_task_success(taskToken="nobody's", output="{}")
    assert strange.value.response["Error"]["Code"] == "InvalidToken"


def test_a_failure_carries_error_and_cause(small: Stack) -> None:
    arn, key = waiting(small)
    small.clients.stepfunctions.send_task_failure(
        taskToken=token(small, key), error="Bad", cause="because"
    )
    result = finish(small, arn)
    assert (result["status"], result["error"], result["cause"]) == ("FAILED", "Bad", "because")


def test_a_retried_state_gets_a_new_token_and_the_old_one_is_stale(small: Stack) -> None:
    arn, key = waiting(small)
    first = token(small, key)
    steps = small.clients.stepfunctions
    steps.send_task_failure(taskToken=first, error="Again", cause="")
    second = token(small, key, attempt=2)
    assert first != second
    with pytest.raises(ClientError, match="TaskTimedOut"):
        steps.send_task_success(taskToken=first, output="{}")
    steps.send_task_success(taskToken=second, output='"late"')
    assert json.loads(finish(small, arn)["output"]) == "late"


def test_a_timeout_is_caught_and_closes_the_token(small: Stack) -> None:
    arn, key = waiting(small, timeout=1)
    known = token(small, key)
    assert json.loads(finish(small, arn)["output"]) == "timed out"
    with pytest.raises(ClientError, match="TaskTimedOut"):
        small.clients.stepfunctions.send_task_success(taskToken=known, output="{}")


@pytest.mark.parametrize("kind", ["token", "pause"])
def test_stopping_ends_at_once(small: Stack, kind: str) -> None:
    arn, key = waiting(small, kind=kind)
    known = token(small, key) if kind == "token" else ""
    steps = small.clients.stepfunctions
    stopped = steps.stop_execution(executionArn=arn)
    assert steps.describe_execution(executionArn=arn)["status"] == "ABORTED"
    assert "stopDate" in stopped
    if known:
        with pytest.raises(ClientError, match="TaskTimedOut"):
            steps.send_task_success(taskToken=known, output="{}")


def test_a_stopped_execution_stays_stopped_and_is_reported(small: Stack) -> None:
    arn, key = waiting(small)
    token(small, key)
    small.clients.stepfunctions.stop_execution(executionArn=arn)
    eventually(lambda: arn in small.log("echo"))
    assert finish(small, arn)["status"] == "ABORTED"


def test_the_same_name_and_input_is_the_same_execution(small: Stack) -> None:
    name, key = str(uuid.uuid4()), str(uuid.uuid4())
    body = {"kind": "token", "key": key, "fail": 0, "timeout": 20}
    arn = start(small, body, name)
    assert start(small, body, name) == arn
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        start(small, body | {"fail": 1}, name)
    small.clients.stepfunctions.stop_execution(executionArn=arn)
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        start(small, body, name)


def test_an_execution_needs_no_name(small: Stack) -> None:
    machine = small.template.lookup("Machine", "Arn")
    body = json.dumps({"kind": "once", "task": {"key": str(uuid.uuid4())}})
    answer = small.clients.stepfunctions.start_execution(stateMachineArn=machine, input=body)
    assert finish(small, answer["executionArn"])["status"] == "SUCCEEDED"
