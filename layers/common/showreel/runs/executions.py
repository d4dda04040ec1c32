"""All calls of Step Functions, with one rule for errors.

Expected errors are answers: an execution that was started before or is gone, a token that was
answered or timed out. All others become Transient. The error's code decides.
"""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from showreel.core.aws import client, state_machine_arn
from showreel.core.clock import now_seconds
from showreel.core.errors import Transient

GONE = frozenset({"ExecutionDoesNotExist"})
ANSWERED = frozenset({"TaskTimedOut", "InvalidToken", "TaskDoesNotExist"})


@dataclass(frozen=True)
class Executions:
    """The executions of a state machine, whose ARN is built from the calling function's ARN."""

    state_machine: str
    function_arn: str

    def start(self, name: str, data: Mapping[str, Any]) -> None:
        """Starts an execution unless there was one of this name. Raises Transient."""
        call_states(
            "start_execution",
            {"ExecutionAlreadyExists"},
            stateMachineArn=self._machine_arn(),
            name=name,
            input=json.dumps(data),
        )

    def stop(self, name: str) -> None:
        """Stops an execution, unless it ended or never began. Raises Transient."""
        call_states("stop_execution", GONE, executionArn=self._arn(name), error="Canceled")

    def is_running(self, name: str) -> bool:
        """Returns whether an execution runs. Raises Transient."""
        return not self.has_ended(name, unknown=True)

    def has_ended(self, name: str, for_seconds: int = 0, *, unknown: bool) -> bool:
        """Returns whether an execution ended `for_seconds` ago or earlier; `unknown` for one that
        never began or was deleted. Raises Transient.
        """
        answer = call_states("describe_execution", GONE, executionArn=self._arn(name))
        if answer is None:
            return unknown
        if answer["status"] == "RUNNING":
            return False
        # whole seconds: an execution that ended in the present one ended 0 s ago
        return now_seconds() - int(answer["stopDate"].timestamp()) >= for_seconds

    def _machine_arn(self) -> str:
        return state_machine_arn(self.function_arn, self.state_machine)

    def _arn(self, name: str) -> str:
        return f"{self._machine_arn().replace(':stateMachine:', ':execution:')}:{name}"


def answer_token(token: str, output: Mapping[str, Any]) -> None:
    """Ends the waiting state with success, if it still waits. Raises Transient."""
    call_states("send_task_success", ANSWERED, taskToken=token, output=json.dumps(output))


def refuse_token(token: str, error: str, cause: Mapping[str, Any] | int) -> None:
    """Ends the waiting state with an error, which it catches by name, if it still waits. Raises
    Transient.
    """
    cause_text = json.dumps(cause)
    call_states("send_task_failure", ANSWERED, taskToken=token, error=error, cause=cause_text)


def call_states(operation: str, expected_codes: AbstractSet[str], **request: str) -> Any:
    """Returns the answer, or None for an error of `expected_codes`. Raises Transient."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return getattr(client("stepfunctions"), operation)(**request)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in expected_codes:
            raise Transient(f"Step Functions: {code}") from error
    except BotoCoreError as error:
        raise Transient(f"Step Functions: {type(error).__name__}") from error
    return None
