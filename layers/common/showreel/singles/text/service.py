"""Texts by any language model of the catalogue: whole, or streamed as they come.

The request makes the text itself. Its job has a row and a hold before the vendor is asked, and
ends with both, whoever dies on the way. A reader who leaves isn't noticed: the text is told to its
end and kept, unless it is stopped by its job's id, which the first piece tells.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from showreel.core.clock import now_seconds
from showreel.core.errors import IdempotencyMismatch
from showreel.core.ids import new_id
from showreel.generation.engine import engine
from showreel.generation.models import Job, JobRequest
from showreel.generation.service import claim_job_id, get_job
from showreel.generation.text.job import CHARACTERS_PER_TOKEN, in_flight, open_text
from showreel.identity import Membership
from showreel.singles.text.order import TextOrder
from showreel.singles.text.responses import failure, replay
from showreel.singles.text.session import TextRun
from showreel.singles.text.stream import TextStream

KIND = "text"
MOST_SECONDS = 300
"""How long a text may take. Its function has a little more."""
EXCERPT_CHARS = 500
"""What the row keeps of the prompt."""


@dataclass(frozen=True)
class TextCall:
    """Who asks and pays, where that came in, and the caller's own key for it."""

    payer: Membership
    route: str
    key: str | None = None
    project_id: str | None = None


@dataclass(frozen=True)
class TextAnswer:
    """A completed text, as its row has it. A replay is what the same key was answered before."""

    job: Job
    is_replay: bool


@dataclass(frozen=True)
class TextEvents:
    """The body of a streamed answer, of which the first piece is there."""

    body: Iterator[bytes]
    is_replay: bool


def complete(order: TextOrder, call: TextCall) -> TextAnswer:
    """The whole text. One that fails costs nothing.

    Raises InsufficientCredits, SpendCapReached, IdempotencyMismatch, Conflict, and what a job that
    failed is answered: InvalidInput `content_policy`, or ProviderError.
    """
    met = _meet(order, call, is_whole=True)
    if isinstance(met, Job):
        if met.status != "completed":
            raise failure(met)
        return TextAnswer(met, is_replay=True)
    with closing(met):
        met.begin()
        while met.more() is not None:
            pass
    return TextAnswer(met.job, is_replay=False)


def stream(order: TextOrder, call: TextCall) -> TextEvents:
    """The text as it comes, once its first piece is there. Raises as `complete` until then."""
    met = _meet(order, call, is_whole=False)
    if isinstance(met, Job):
        return TextEvents(replay(met), is_replay=True)
    body = TextStream(met)
    try:
        met.begin()
    except BaseException:
        body.close()
        raise
    return TextEvents(body, is_replay=False)


def _meet(order: TextOrder, call: TextCall, *, is_whole: bool) -> TextRun | Job:
    """A new text, or the finished job of the same key."""
    job_id = _job_id(call)
    job = get_job(job_id) if call.key is not None else None
    if job is None:
        opened = open_text(engine(), _request(order, call, job_id), new_id())
        return TextRun(engine(), opened, order, is_whole=is_whole)
    if job.request_digest != order.digest:
        raise IdempotencyMismatch("This Idempotency-Key was used with another body")
    if not job.is_finished:
        raise in_flight()
    return job


def _job_id(call: TextCall) -> str:
    if call.key is None:
        return new_id()
    return claim_job_id(KIND, call.payer.workspace_id, call.route, call.key)


def _request(order: TextOrder, call: TextCall, job_id: str) -> JobRequest:
    return JobRequest(
        job_id=job_id,
        workspace_id=call.payer.workspace_id,
        user_id=call.payer.user_id,
        project_id=call.project_id,
        kind=KIND,
        media_type="text",
        has_execution=False,
        model=order.model.id,
        prompt=order.prompt[:EXCERPT_CHARS],
        characters=order.max_output_tokens * CHARACTERS_PER_TOKEN,
        request_digest=order.digest,
        may_be_replaced=not order.strict,
        output_prefix=f"work/{KIND}",
        deadline_at_seconds=now_seconds() + MOST_SECONDS,
    )
