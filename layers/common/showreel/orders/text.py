"""Orders of texts by any language model of the catalogue, made by the request itself.

The job has a row and a hold before the vendor is asked, and both are ended even if the request
dies. If the client leaves, which isn't noticed, the text is made to its end and stored, unless it
is stopped by its job's id.
"""

from contextlib import closing
from dataclasses import dataclass

from showreel.core.clock import now_seconds
from showreel.core.ids import new_id
from showreel.edge.limits import take_order
from showreel.generation.engine import engine
from showreel.generation.models import Job, JobRequest, Terms, Wanted
from showreel.generation.text.job import CHARACTERS_PER_TOKEN, failure, in_flight, open_text
from showreel.generation.text.order import TextOrder
from showreel.generation.text.session import TextRun
from showreel.identity import Membership
from showreel.orders.lifecycle import meet

KIND = "text"
MOST_SECONDS = 300
"""The longest time of a text. Its function has a little more."""
EXCERPT_CHARS = 500
"""Characters of the prompt on the job's row."""


@dataclass(frozen=True)
class TextCall:
    """A request of a text: who pays, its route, and the caller's idempotency key."""

    payer: Membership
    route: str
    key: str | None = None
    project_id: str | None = None


@dataclass(frozen=True)
class TextAnswer:
    """The job of a completed text; `is_replay` if the same key made it before."""

    job: Job
    is_replay: bool


def complete(order: TextOrder, call: TextCall) -> TextAnswer:
    """Returns the whole text; a failed one costs nothing. Raises what `begin` raises."""
    met = begin(order, call, is_whole=True)
    if isinstance(met, Job):
        if met.status != "completed":
            raise failure(met)
        return TextAnswer(met, is_replay=True)
    with closing(met):
        while met.more() is not None:
            pass
    return TextAnswer(met.job, is_replay=False)


def begin(order: TextOrder, call: TextCall, *, is_whole: bool) -> TextRun | Job:
    """Begins a text and waits for its first piece, or returns the finished job of the same key.

    Raises RateLimited, InsufficientCredits, SpendCapReached, IdempotencyMismatch, Conflict, and the
    error of a failed job: InvalidInput, such as `content_policy`, or ProviderError.
    """
    scope = (KIND, call.payer.workspace_id, call.route)
    job_id, met = meet(order.digest, call.key, *scope)
    if met is not None:
        if not met.is_finished:
            raise in_flight()
        return met
    take_order(call.payer.user_id)
    opened = open_text(engine(), _request(order, call, job_id), new_id())
    run = TextRun(engine(), opened, order, is_whole=is_whole)
    try:
        run.begin()
    except BaseException:
        run.close()
        raise
    return run


def _request(order: TextOrder, call: TextCall, job_id: str) -> JobRequest:
    return JobRequest(
        job_id=job_id,
        workspace_id=call.payer.workspace_id,
        user_id=call.payer.user_id,
        project_id=call.project_id,
        kind=KIND,
        catalogue_id=order.model.id,
        request_digest=order.digest,
        wanted=Wanted(
            media_type="text",
            prompt=order.prompt[:EXCERPT_CHARS],
            characters=order.max_output_tokens * CHARACTERS_PER_TOKEN,
        ),
        terms=Terms(
            may_be_replaced=not order.strict, deadline_at_seconds=now_seconds() + MOST_SECONDS
        ),
        has_execution=False,
        output_prefix=f"work/{KIND}",
    )
