"""Answers task tokens. One that is over already needs no answer."""

import json
from collections.abc import Mapping
from typing import Any

from showreel.generation.models import Job, Result
from showreel.runs.executions import call_states

OVER = frozenset({"TaskTimedOut", "InvalidToken", "TaskDoesNotExist"})


def answer_token(token: str, output: Mapping[str, Any]) -> None:
    """Lets the waiting state go on. Raises Transient when Step Functions can't be reached."""
    call_states("send_task_success", OVER, taskToken=token, output=json.dumps(output))


def refuse_token(token: str, error: str, cause: Mapping[str, Any] | int) -> None:
    """Ends the waiting state with an error, which it catches by name. Raises Transient."""
    call_states("send_task_failure", OVER, taskToken=token, error=error, cause=json.dumps(cause))


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
