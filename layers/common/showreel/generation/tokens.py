"""What a job tells whoever started it."""

from showreel.generation.models import Job, Result
from showreel.runs.executions import answer_token


def answer_parent(job: Job) -> None:
    """Tells whoever started the job how it ended; the status tells, the answer is a success."""
    if job.parent_token:
        answer_token(job.parent_token, Result.of(job).model_dump(by_alias=True))
