"""Task tokens as AWS has them, in moto.

A token is good once: a second answer, or one after its state ended, is `TaskTimedOut`; a stranger
is `InvalidToken`; moto answered 200. A retried state gets a new token; moto kept the used one. An
answer may come while the execution is still starting.
"""

import json
import threading
from collections.abc import Iterator
from typing import Any

from moto.core.exceptions import AWSError
from moto.core.responses import EmptyResult
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (  # noqa: E501  # moto's name
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackConsumerTimeout,
    CallbackEndpoint,
    CallbackOutcome,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
    CallbackPoolManager,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from local.aws.mending import replace

Execution = Any

_known_tokens: set[str] = set()
_answering = threading.Lock()


class TaskTimedOut(AWSError):
    """The token's task has ended."""

    TYPE = "TaskTimedOut"
    STATUS = 400


class InvalidToken(AWSError):
    """No task ever had the token."""

    TYPE = "InvalidToken"
    STATUS = 400


class InvalidOutput(AWSError):
    """The answer is no JSON."""

    TYPE = "InvalidOutput"
    STATUS = 400


def mend() -> None:
    """Mends moto, once per process."""
    add = CallbackPoolManager.add

    def remember(self: CallbackPoolManager, callback_id: str) -> CallbackEndpoint:
        _known_tokens.add(callback_id)
        return add(self, callback_id)

    replace(CallbackPoolManager, add=remember)
    replace(StateTaskServiceCallback, _evaluate_with_timeout=_evaluate_with_token)
    replace(
        StepFunctionsParserBackend,
        send_task_success=_send_task_success,
        send_task_failure=_send_task_failure,
    )
    replace(StepFunctionResponse, send_task_failure=_answer_task_failure)


def _evaluate_with_token(self: Any, env: Any) -> None:
    """One attempt of a state: with a token of its own, which is closed when the attempt ends."""
    if self.resource.condition != ResourceCondition.WaitForTaskToken:
        ExecutionState._evaluate_with_timeout(self, env)  # noqa: SLF001
        return
    context = env.states.context_object
    if context.context_object_data["State"]["RetryCount"] > 0:
        env.callback_pool_manager.add(context.update_task_token())
    token = context.context_object_data["Task"]["Token"]
    try:
        ExecutionState._evaluate_with_timeout(self, env)  # noqa: SLF001
    finally:
        _close(env.callback_pool_manager.get(token))


def _close(endpoint: CallbackEndpoint | None) -> None:
    if endpoint is not None:
        endpoint.report(CallbackConsumerTimeout())
        endpoint.interrupt_all()


def close_all(execution: Execution) -> None:
    """Closes every token of an execution: whoever waits for one goes on."""
    env = execution.exec_worker.env if execution.exec_worker else None
    if env is not None:
        for endpoint in list(env.callback_pool_manager._pool.values()):  # noqa: SLF001
            _close(endpoint)


def _running(backend: Any) -> Iterator[Execution]:
    for machine in list(backend.state_machines):
        for execution in list(machine.executions):
            if execution.status == "RUNNING" and execution.exec_worker.env is not None:
                yield execution


def _answer(backend: StepFunctionsParserBackend, outcome: CallbackOutcome) -> None:
    """Passes an answer to the state that waits for it. Raises TaskTimedOut or InvalidToken."""
    token = outcome.callback_id
    for execution in _running(backend):
        endpoint = execution.exec_worker.env.callback_pool_manager.get(token)
        if endpoint is None:
            continue
        with _answering:
            if endpoint.consumer_error is not None or endpoint.get_outcome() is not None:
                break
            endpoint.notify(outcome)
            return
    if token in _known_tokens:
        raise TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'")
    raise InvalidToken("Invalid Token: 'Invalid token'")


def _send_task_success(self: StepFunctionsParserBackend, task_token: str, outcome: str) -> None:
    try:
        json.loads(outcome)
    except ValueError:
        raise InvalidOutput("Invalid Output: 'Invalid JSON'") from None
    _answer(self, CallbackOutcomeSuccess(task_token, outcome))


def _send_task_failure(
    self: StepFunctionsParserBackend, task_token: str, error: str | None, cause: str | None = None
) -> None:
    _answer(self, CallbackOutcomeFailure(task_token, error, cause))


def _answer_task_failure(self: Any) -> Any:
    token, error = self._get_param("taskToken"), self._get_param("error")
    self.stepfunction_backend.send_task_failure(token, error, self._get_param("cause"))
    return EmptyResult()
