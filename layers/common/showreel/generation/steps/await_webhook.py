"""Waits for a vendor's webhook: stores the task token that the webhook will answer."""

from showreel.generation.store import Jobs
from showreel.runs.executions import answer_token


def await_vendor(jobs: Jobs, job_id: str, token: str) -> None:
    """Stores `token`; answers it at once if the webhook was faster or the job has ended.

    Token and hint are on one row and each write returns the whole row, so whichever comes second
    sees the other.
    """
    job = jobs.begin_wait(job_id, token)
    if job.attempt.hinted_at or job.is_finished:
        answer_token(token, {})
