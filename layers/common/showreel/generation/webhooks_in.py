"""Receives vendors' webhooks: each wakes the job's poll, and does nothing else.

The called URL names the attempt; without our signature in it nothing is read. If we have a secret
or keys of the vendor, its signature must be valid too. Otherwise the notice only makes us ask the
vendor. Each webhook counts once, and a job accepts a limited number.
"""

from collections.abc import Mapping

from showreel.core.errors import ConditionFailed
from showreel.generation.callbacks import called_attempt
from showreel.generation.models import attempt_number, external_job_id
from showreel.generation.store import Jobs
from showreel.providers.registry import read_webhook
from showreel.providers.webhooks import Webhook
from showreel.runs.executions import answer_token


def receive(
    jobs: Jobs, provider: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, str]
) -> bool:
    """Verifies one webhook and wakes the job whose URL was called; returns whether it did.

    Raises Unauthenticated, NotFound or InvalidInput.
    """
    attempt = called_attempt(provider, query)
    return on_webhook(jobs, attempt, read_webhook(provider, headers, body))


def on_webhook(jobs: Jobs, attempt: str, webhook: Webhook) -> bool:
    """Wakes the job of an attempt; False if it needn't be, or the notice is about another one."""
    notice = webhook.notice
    if not notice.is_final or notice.external_id not in (None, attempt):
        return False
    job_id, number = external_job_id(attempt), attempt_number(attempt)
    try:
        job = jobs.hint(job_id, number, webhook.webhook_id, notice.task_id)
    except ConditionFailed:
        return _again(jobs, job_id, number)
    if job.await_token:
        answer_token(job.await_token, {})
    return True


def _again(jobs: Jobs, job_id: str, number: int) -> bool:
    """Handles a webhook that was sent twice: the first may not have come to answer the token."""
    job = jobs.find(job_id)
    if job is None or job.is_finished or job.attempt.number != number:
        return False
    if not (job.attempt.hinted_at and job.await_token):
        return False
    answer_token(job.await_token, {})
    return True
