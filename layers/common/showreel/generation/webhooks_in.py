"""What a vendor's webhook does: it wakes the job's poll, and nothing else.

With a secret or keys of the vendor's, only a valid signature is heard. Without, the notice is
believed just enough to ask the vendor. Each counts once and a job hears a limited number.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from showreel.core.clock import now_seconds
from showreel.core.errors import ConditionFailed
from showreel.core.settings import Providers, settings
from showreel.generation.models import external_job_id
from showreel.generation.store import Jobs
from showreel.providers.registry import webhook_secret
from showreel.providers.webhooks import Notice, check_provider, read_notice, verify
from showreel.runs.executions import answer_token

MAX_JOB_ID_CHARS = 100


def receive(
    jobs: Jobs, provider: str, headers: Mapping[str, str], body: bytes, job_id: str | None
) -> bool:
    """Takes one webhook. Raises NotFound, Unauthenticated or InvalidInput; wakes at most one job.

    `job_id` is from our callback URL, which no signature covers; the body's attempt key goes first.
    """
    check_provider(provider)
    if provider == "fal":
        return _receive_fal(jobs, headers, body, job_id)
    secret = webhook_secret(provider)
    if not secret:
        unsigned = replace(read_notice(provider, body), task_id=None)
        return on_notice(jobs, unsigned, f"unsigned-{hashlib.sha256(body).hexdigest()}", job_id)
    lower = {name.lower(): value for name, value in headers.items()}
    webhook_id = verify(lower, body, secret, now_seconds=now_seconds())
    return on_notice(jobs, read_notice(provider, body), webhook_id, job_id)


def _receive_fal(jobs: Jobs, headers: Mapping[str, str], body: bytes, job_id: str | None) -> bool:
    """This vendor signs with keys that it publishes. The signed request id is what counts."""
    from showreel.providers.fal.webhooks import verify_fal

    lower = {name.lower(): value for name, value in headers.items()}
    keys_url = settings(Providers).fal_keys_url
    request_id = verify_fal(lower, body, now_seconds=now_seconds(), jwks_url=keys_url)
    notice = replace(read_notice("fal", body), task_id=request_id)
    return on_notice(jobs, notice, request_id, job_id)


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
    """A webhook sent twice; the first may have died before it answered the token."""
    job = jobs.find(job_id)
    if job is None or job.is_finished or not (job.hinted_at and job.await_token):
        return False
    answer_token(job.await_token, {})
    return True
