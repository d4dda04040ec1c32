"""The answer of a job to its parent."""

from showreel.generation.models import Job, Result
from showreel.runs.executions import answer_token


def answer_parent(job: Job) -> None:
    """Answers the parent's task token, if any, with the result: a success, whatever its status."""
    if job.parent_token:
        answer_token(job.parent_token, Result.of(job).model_dump(by_alias=True))
