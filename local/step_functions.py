"""Mends moto's Step Functions where it differs from AWS, once per process.

* Lambda tasks call the stack's functions directly; other service tasks use the stack's endpoint.
* A task token is good once: a second answer, or one after the state ended, is `TaskTimedOut`; a
  stranger is `InvalidToken`. moto answered 200. A retried state gets a new token, as on AWS; moto
  kept the used one. An answer may come while the execution is still starting.
* StopExecution ends the execution at once: moto let it run on until its token timed out.
* Status changes are reported, for EventBridge. An output is JSON, also when it is a string.
* A definition is parsed once, not at every start.

What stays different: no JSONata, no Assign, no nested `startExecution.sync`; a heartbeat that is
missed raises States.Timeout; a States.Timeout that escapes a Map item becomes States.Runtime.
"""

import functools
import json
import logging
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto.core.exceptions import AWSError
from moto.core.responses import EmptyResult
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
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
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.models import (
    StepFunctionsParserBackend,
    stepfunctions_parser_backends,
)
from moto.stepfunctions.parser.utils import TMP_THREADS
from moto.stepfunctions.responses import StepFunctionResponse

from local.invocation import Outcome, Throttled
from local.lambda_api import whole_payload

Execution = Any
"""moto's: of two unrelated classes with the same name, the one that really runs."""


@dataclass(frozen=True)
class StackHooks:
    """What state machines of one account's stack reach."""

    invoke: Callable[[str, bytes], Outcome]
    endpoint: str
    status_changed: Callable[[dict[str, Any]], None]


class TaskTimedOut(AWSError):
    """The token's task has ended."""

    TYPE = "TaskTimedOut"
    STATUS = 400


class InvalidToken(AWSError):
    """No task ever had the token."""

    TYPE = "InvalidToken"
    STATUS = 400


_hooks: dict[str, StackHooks] = {}
_known_tokens: set[str] = set()
_answering = threading.Lock()


def connect(account: str, hooks: StackHooks) -> None:
    """Leads an account's state machines to its stack."""
    _mend()
    _hooks[account] = hooks


def disconnect(account: str, region: str) -> None:
    """Stops an account's executions and forgets its machines."""
    backend = stepfunctions_parser_backends[account][region]
    for machine in backend.state_machines:
        for execution in machine.executions:
            _stop(execution)
    backend.state_machines.clear()
    _hooks.pop(account, None)


def _replace(owner: Any, **methods: Any) -> None:
    """Puts our methods in the place of moto's."""
    for name, method in methods.items():
        setattr(owner, name, method)


@functools.cache
def _mend() -> None:
    for name in ("moto", "werkzeug"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    parse = functools.lru_cache(64)(AmazonStateLanguageParser.parse)
    _replace(AmazonStateLanguageParser, parse=staticmethod(parse))
    _replace(
        lambda_eval_utils,
        _invoke_lambda_function=_invoke_for_task,
        exec_lambda_function=_invoke_for_arn,
    )
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions.") and hasattr(module, "boto_client_for"):
            _replace(module, boto_client_for=_client)
    _mend_tokens()
    _mend_executions()


def _mend_tokens() -> None:
    add = CallbackPoolManager.add

    def remember(self: CallbackPoolManager, callback_id: str) -> CallbackEndpoint:
        _known_tokens.add(callback_id)
        return add(self, callback_id)

    _replace(CallbackPoolManager, add=remember)
    _replace(StateTaskServiceCallback, _evaluate_with_timeout=_evaluate_with_token)
    _replace(
        StepFunctionsParserBackend,
        send_task_success=_send_task_success,
        send_task_failure=_send_task_failure,
    )
    _replace(StepFunctionResponse, send_task_failure=_answer_task_failure)


def _mend_executions() -> None:
    start: Any = StepFunctionsParserBackend.start_execution
    reflect: Any = BaseExecutionWorkerCommunication._reflect_execution_status  # noqa: SLF001

    def start_execution(self: Any, arn: str, name: str | None, text: str = "{}") -> Execution:
        if name:
            self._validate_name(name)
        known = {e.name for e in self.describe_state_machine(arn).executions} if name else set()
        execution = start(self, arn, name or str(uuid.uuid4()), text)
        if execution.name not in known:
            _report(execution)
        return execution

    def ended(self: Any) -> None:
        execution: Execution = self.execution
        if execution.exec_status is not ExecutionStatus.ABORTED:
            reflect(self)
            if execution.exec_status is ExecutionStatus.SUCCEEDED:
                execution.output = json.dumps(execution.output)
            _report(execution)
        _close_tokens(execution)
        TMP_THREADS.clear()

    _replace(BaseExecutionWorkerCommunication, _reflect_execution_status=ended)
    _replace(
        StepFunctionsParserBackend, start_execution=start_execution, stop_execution=_stop_execution
    )


def _account_of(credentials: Any) -> str:
    """The account in `arn:aws:iam::123456789012:role/x`."""
    return str(credentials.role_arn).split(":")[4]


@functools.lru_cache(64)
def _client_at(service: str, region: str, endpoint: str) -> Any:
    key = "ASIALOCALSTEPFUNCTN"
    return boto3.client(  # type: ignore[call-overload]  # any service
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=key,
    )


def _client(region: str, service: str, state_credentials: Any = None) -> Any:
    return _client_at(service, region, _hooks[_account_of(state_credentials)].endpoint)


def _invoke_for_task(parameters: dict[str, Any], region: str, state_credentials: Any) -> Any:  # noqa: ARG001  # moto's signature
    """What `arn:aws:states:::lambda:invoke` gives."""
    payload, error = _run(_account_of(state_credentials), parameters)
    try:
        value: Any = json.loads(payload) if payload else ""
    except ValueError:
        value = payload.decode(errors="replace")
    answer = {"ExecutedVersion": "$LATEST", "StatusCode": 200, "Payload": value}
    return answer | ({"FunctionError": error} if error else {})


def _invoke_for_arn(
    env: Any,
    parameters: dict[str, Any],
    region: str,  # noqa: ARG001  # moto's signature
    account: str,
    credentials: Any,  # noqa: ARG001  # moto's signature
) -> None:
    """What a function's ARN as the resource gives."""
    payload, error = _run(account, parameters)
    if error:
        raise lambda_eval_utils.LambdaFunctionErrorException(error, payload.decode())
    env.stack.append({"StatusCode": 200, "Payload": json.loads(payload or b"null")})


def _run(account: str, parameters: dict[str, Any]) -> tuple[bytes, str | None]:
    payload = parameters.get("Payload") or b"{}"
    try:
        return whole_payload(_hooks[account].invoke(parameters["FunctionName"], payload))
    except Throttled:
        raise _lambda_error("TooManyRequestsException", 429, "Rate Exceeded.") from None
    except KeyError as error:
        message = f"Function not found: {error}"
        raise _lambda_error("ResourceNotFoundException", 404, message) from None


def _lambda_error(code: str, status: int, message: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": str(uuid.uuid4()),
                "HostId": "",
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
        },
        "Invoke",
    )


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


def _close_tokens(execution: Execution) -> None:
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
        raise _InvalidOutput("Invalid Output: 'Invalid JSON'") from None
    _answer(self, CallbackOutcomeSuccess(task_token, outcome))


class _InvalidOutput(AWSError):
    TYPE = "InvalidOutput"
    STATUS = 400


def _send_task_failure(
    self: StepFunctionsParserBackend, task_token: str, error: str | None, cause: str | None = None
) -> None:
    _answer(self, CallbackOutcomeFailure(task_token, error, cause))


def _answer_task_failure(self: Any) -> Any:
    token, error = self._get_param("taskToken"), self._get_param("error")
    self.stepfunction_backend.send_task_failure(token, error, self._get_param("cause"))
    return EmptyResult()


def _stop_execution(self: StepFunctionsParserBackend, execution_arn: str) -> Execution:
    execution = self.describe_execution(execution_arn)
    if _stop(execution):
        _report(execution)
    return execution


def _stop(execution: Execution) -> bool:
    """Ends an execution now. False when it had ended already."""
    if execution.status != "RUNNING":
        return False
    now = datetime.now(UTC)
    execution.exec_status = ExecutionStatus.ABORTED
    execution.stop_date = now
    if execution.exec_worker.env is not None:
        execution.exec_worker.stop(now, None, None)
        _close_tokens(execution)
    return True


def _report(execution: Execution) -> None:
    """Tells the stack of a new status, as EventBridge tells it."""
    hooks = _hooks.get(execution.account_id)
    if hooks is None:
        return
    hooks.status_changed(
        {
            "executionArn": execution.exec_arn,
            "stateMachineArn": execution.state_machine_arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": _milliseconds(execution.start_date),
            "stopDate": _milliseconds(execution.stop_date),
            "input": execution.execution_input,
            "output": execution.output,
            "error": execution.error,
            "cause": execution.cause,
        }
    )


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)
