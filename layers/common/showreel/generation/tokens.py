"""Answers task tokens. One that is over already needs no answer."""

import json
from collections.abc import Mapping
from typing import Any

from showreel.core.aws import client
from showreel.core.errors import Transient
from showreel.generation.models import Job, Result

OVER = frozenset({"TaskTimedOut", "InvalidToken", "TaskDoesNotExist"})


def answer_token(token: str, output: Mapping[str, Any]) -> None:
    """Lets the waiting state go on. Raises Transient when Step Functions can't be reached."""
    _send("send_task_success", taskToken=token, output=json.dumps(output))


def refuse_token(token: str, error: str, cause: Mapping[str, Any] | int) -> None:
    """Ends the waiting state with an error, which it catches by name. Raises Transient."""
    _send("send_task_failure", taskToken=token, error=error, cause=json.dumps(cause))


def _send(operation: str, **request: str) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        getattr(client("stepfunctions"), operation)(**request)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in OVER:
            raise Transient(f"Step Functions: {code}") from error
    except BotoCoreError as error:
        raise Transient(f"Step Functions: {type(error).__name__}") from error


def answer_parent(job: Job) -> None:
    """Tells whoever started the job how it ended; the status tells, the answer is a success."""
    if job.parent_token:
        answer_token(job.parent_token, parent_output(job))


def parent_output(job: Job) -> dict[str, Any]:
    """What a parent is told."""
    result = Result.of(job)
    return {
        "jobId": result.job_id,
        "status": result.status,
        "outputKey": result.output_key,
        "credits": result.credits,
        "costCents": result.cost_cents,
        "model": result.model,
        "errorCode": result.error_code,
    }
