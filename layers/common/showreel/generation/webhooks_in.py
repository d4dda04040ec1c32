"""What a vendor's webhook does: it wakes the job's poll, and nothing else.

With a secret or keys of the vendor's, only a valid signature is heard. Without, the notice is
believed just enough to ask the vendor. Each counts once and a job hears a limited number.
"""

from collections.abc import Mapping

from showreel.core.errors import ConditionFailed
from showreel.generation.models import external_job_id
from showreel.generation.store import Jobs
from showreel.providers.registry import read_webhook
from showreel.providers.webhooks import Notice
from showreel.runs.executions import answer_token

MAX_JOB_ID_CHARS = 100


def receive(
    jobs: Jobs, provider: str, headers: Mapping[str, str], body: bytes, job_id: str | None
) -> bool:
    """Takes one webhook. Raises NotFound, Unauthenticated or InvalidInput; wakes at most one job.

    `job_id` is from our callback URL, which no signature covers; the body's attempt key goes first.
    """
    webhook = read_webhook(provider, headers, body)
    return on_notice(jobs, webhook.notice, webhook.webhook_id, job_id)


def on_notice(jobs: Jobs, notice: Notice, webhook_id: str, job_id: str | None) -> bool:
    """Wakes the job that `notice` is about; False if there is nothing to wake."""
    named = external_job_id(notice.external_id) if notice.external_id else job_id
    if not (notice.is_final and named and len(named) <= MAX_JOB_ID_CHARS):
        return False
    try:
        job = jobs.hint(named, webhook_id, notice.task_id)
    except ConditionFailed:
        return _again(jobs, named)
    if job.await_token:
        answer_token(job.await_token, {})
    return True


def _again(jobs: Jobs, job_id: str) -> bool:
    """Hears a webhook sent twice: the first may have died before it answered the token."""
    job = jobs.find(job_id)
    if job is None or job.is_finished or not (job.attempt.hinted_at and job.await_token):
        return False
    answer_token(job.await_token, {})
    return True
