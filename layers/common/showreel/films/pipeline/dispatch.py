"""Starts the executions of every run that has a slot. Safe to call at any time, by anyone."""

import json

from showreel.core.aws import client, state_machine_arn
from showreel.core.errors import Transient
from showreel.films.pipeline import context


def dispatch(function_arn: str) -> None:
    """Admits who can start and starts those who haven't.

    `function_arn` is the caller's own, from which the machine's is built.
    """
    for run_id in context.queue().admit():
        run = context.runs().find(run_id)
        if run is None or run.is_over:
            context.queue().leave(run_id)
        elif run.status == "queued":
            start_execution(run_id, function_arn)


def start_execution(run_id: str, function_arn: str) -> None:
    """Starts the run's execution, named by the run: a second start finds the first one."""
    from botocore.exceptions import BotoCoreError, ClientError

    arn = state_machine_arn(function_arn, context.config().video_pipeline_state_machine)
    try:
        client("stepfunctions").start_execution(
            stateMachineArn=arn, name=run_id, input=json.dumps({"run_id": run_id})
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise Transient("the run can't be started just now") from error
    except BotoCoreError as error:
        raise Transient("the run can't be started just now") from error


def execution_arn(run_id: str, function_arn: str) -> str:
    """The ARN of the run's execution."""
    machine = state_machine_arn(function_arn, context.config().video_pipeline_state_machine)
    return f"{machine.replace(':stateMachine:', ':execution:')}:{run_id}"
