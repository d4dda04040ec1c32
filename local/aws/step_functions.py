"""Mends moto's Step Functions where it differs from AWS, once per process.

* Lambda tasks call the stack's functions directly; other service tasks use the stack's endpoint.
* Task tokens: see `task_tokens`.
* StopExecution ends the execution at once: moto let it run on until its token timed out.
* Status changes are reported, for EventBridge. An output is JSON, also when it is a string.
* A definition is parsed once in a process, not at every start and not for every stack.
* Waits, time-outs and dates are of the stack's time: see `moved_time`.

What stays different: no JSONata, no Assign, no nested `startExecution.sync`; a heartbeat that is
missed raises States.Timeout; a States.Timeout that escapes a Map item becomes States.Runtime.
"""

import functools
import json
import logging
import pickle
import re
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.component.common.retry.retry_outcome import RetryOutcome
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.models import (
    StepFunctionsParserBackend,
    stepfunctions_parser_backends,
)
from moto.stepfunctions.parser.utils import TMP_THREADS

from local import clock
from local.aws import moved_time, task_tokens
from local.aws.mending import replace
from local.lambdas.api import whole_payload
from local.lambdas.invocation import Outcome, Throttled
from local.metering.meter import Meter

Execution = Any
"""moto's: of two unrelated classes with the same name, the one that really runs."""


@dataclass(frozen=True)
class StackHooks:
    """What state machines of one account's stack reach."""

    invoke: Callable[[str, bytes], Outcome]
    endpoint: str
    status_changed: Callable[[dict[str, Any]], None]
    meter: Meter | None = None


_hooks: dict[str, StackHooks] = {}


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


@functools.cache
def _mend() -> None:
    for name in ("moto", "werkzeug"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    replace(AmazonStateLanguageParser, parse=staticmethod(_parsed))
    for module in (json_path, result_path):  # a parser is built for each path that is read
        replace(module, parse=functools.lru_cache(1024)(vars(module)["parse"]))
    replace(
        lambda_eval_utils,
        _invoke_lambda_function=_invoke_for_task,
        exec_lambda_function=_invoke_for_arn,
    )
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions.") and hasattr(module, "boto_client_for"):
            replace(module, boto_client_for=_client)
    task_tokens.mend()
    moved_time.mend()
    _mend_executions()
    _count_steps()


_parse: Any = AmazonStateLanguageParser.parse
_ACCOUNT = re.compile(r"(?<=:)\d{12}(?=:)")
_NO_ACCOUNT = "0" * 12


@functools.lru_cache(64)
def _parsed(definition: str) -> tuple[Any, None]:
    """Returns a definition as moto runs it. What differs between two stacks is the account."""
    found = _ACCOUNT.search(definition)
    account = found[0] if found else _NO_ACCOUNT
    made = _pickled(definition.replace(account, _NO_ACCOUNT))
    return pickle.loads(made.replace(_NO_ACCOUNT.encode(), account.encode())), None  # noqa: S301  # ours


@functools.cache
def _pickled(definition: str) -> bytes:
    program, _ = _parse(definition)
    return pickle.dumps(program)


def _count_steps() -> None:
    """Reports every state that is entered, and every retry, to the stack's meter."""
    enter: Any = CommonStateField._eval_body  # noqa: SLF001
    retry: Any = ExecutionState._handle_retry  # noqa: SLF001

    def enter_state(self: Any, env: Any) -> None:
        _count_step(env)
        enter(self, env)

    def handle_retry(self: Any, env: Any, failure_event: Any) -> RetryOutcome:
        outcome: RetryOutcome = retry(self, env, failure_event)
        if outcome is RetryOutcome.CanRetry:
            _count_step(env)
        return outcome

    replace(CommonStateField, _eval_body=enter_state)
    replace(ExecutionState, _handle_retry=handle_retry)


def _count_step(env: Any) -> None:
    arn = str(env.states.context_object.context_object_data["StateMachine"]["Id"])
    hooks = _hooks.get(arn.split(":")[4])
    if hooks is not None and hooks.meter is not None:
        hooks.meter.step(arn.rpartition(":")[2])


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
            _count_execution(execution)
        return execution

    def ended(self: Any) -> None:
        execution: Execution = self.execution
        if execution.exec_status is not ExecutionStatus.ABORTED:
            reflect(self)
            if execution.exec_status is ExecutionStatus.SUCCEEDED:
                execution.output = json.dumps(execution.output)
            _report(execution)
        task_tokens.close_all(execution)
        TMP_THREADS.clear()

    replace(BaseExecutionWorkerCommunication, _reflect_execution_status=ended)
    replace(
        StepFunctionsParserBackend, start_execution=start_execution, stop_execution=_stop_execution
    )


def _account_of(credentials: Any) -> str:
    """Returns the account in `arn:aws:iam::123456789012:role/x`."""
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
    """Returns what `arn:aws:states:::lambda:invoke` gives."""
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


def _stop_execution(self: StepFunctionsParserBackend, execution_arn: str) -> Execution:
    execution = self.describe_execution(execution_arn)
    if _stop(execution):
        _report(execution)
    return execution


def _stop(execution: Execution) -> bool:
    """Ends an execution now. False when it had ended already."""
    if execution.status != "RUNNING":
        return False
    now = clock.now()
    execution.exec_status = ExecutionStatus.ABORTED
    execution.stop_date = now
    if execution.exec_worker.env is not None:
        execution.exec_worker.stop(now, None, None)
        task_tokens.close_all(execution)
    return True


def _report(execution: Execution) -> None:
    """Reports a new status to the stack, as EventBridge does."""
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


def _count_execution(execution: Execution) -> None:
    hooks = _hooks.get(execution.account_id)
    if hooks is not None and hooks.meter is not None:
        hooks.meter.execution(execution.state_machine_arn.rpartition(":")[2])


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)
