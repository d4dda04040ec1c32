"""What a job tells whoever started it."""

from typing import Any

from showreel.generation.models import Job, Result
from showreel.runs.executions import answer_token


def answer_parent(job: Job) -> None:
    """Tells whoever started the job how it ended; the status tells, the answer is a success."""
    if job.parent_token:
        answer_token(job.parent_token, parent_output(job))


def parent_output(job: Job) -> dict[str, Any]:
    """Returns what a parent is told."""
    result = Result.of(job)
    return {
        "jobId": result.job_id,
        "status": result.status,
        "outputKey": result.output_key,
        "credits": result.credits_debited,
        "costCents": result.cost_cents,
        "model": result.model,
        "errorCode": result.error_code,
    }
