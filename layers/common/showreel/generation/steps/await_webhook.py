"""Waits for a vendor's webhook without waiting: keeps the token that the webhook will answer."""

from showreel.generation.store import Jobs
from showreel.runs.executions import answer_token


def await_vendor(jobs: Jobs, job_id: str, token: str) -> None:
    """Keeps `token`; if the webhook was faster, or the job has ended, answers it at once.

    Token and hint are on one row and each write returns the whole row, so whichever of the two
    comes second sees the other.
    """
    job = jobs.begin_wait(job_id, token)
    if job.attempt.hinted_at or job.is_finished:
        answer_token(token, {})
