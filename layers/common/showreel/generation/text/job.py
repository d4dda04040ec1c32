"""Jobs of text: the request makes it itself, while it answers. There is no state machine.

    row + hold (one transaction) → the vendor tells → row's end + capture (one) → close the hold

Lambda doesn't tell it that its reader has left, so it goes on, unless `cancel_requested` appears on
the row.

A request that dies in between leaves an open row: the reconciler ends it and gives the hold back.
One that dies after the end leaves a hold that the reconciler closes.
"""

import json
import math
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from showreel.catalog import Model, get_model, price
from showreel.core.clock import now_seconds
from showreel.core.errors import AppError, Conflict
from showreel.generation.decide import changed_model
from showreel.generation.engine import Engine
from showreel.generation.models import Attempt, Final, Job, JobRequest
from showreel.generation.service import new_job
from showreel.generation.settle import complete, end, end_paid
from showreel.generation.verdicts import code_of, disclosed, error_of, text_of
from showreel.providers.text import FinishReason, TextUsage

CHARACTERS_PER_TOKEN = 4
"""What a token is taken for where a price is by characters, and for the most an answer may have."""
MAX_TEXT_BYTES = 250_000
"""Of the answer as JSON. A row of DynamoDB's has 400 KB."""
OWN_TEXTS = {
    "bad_delivery": "The model gave no answer that can be used: perhaps maxTokens left it no room",
    "canceled": "The text was stopped before its end",
}


class TextResult(BaseModel):
    """The answer of a text job, as its row keeps it in `result`; `usage` is in tokens."""

    model_config = ConfigDict(frozen=True)

    text: str
    finish_reason: FinishReason | None = None
    usage: TextUsage | None = None


@dataclass(frozen=True)
class TextEnding:
    """How it ended, and what of it reached the caller."""

    status: Final
    told: TextResult
    error_code: str | None = None


def open_text(on: Engine, request: JobRequest, owner: str) -> Job:
    """Writes the row and the hold of the most that it may cost, once; `owner` is this request
    alone.

    Raises InvalidInput, InsufficientCredits, SpendCapReached, and Conflict
    `idempotency_in_flight` if another request with the same key was faster.
    """
    attempt = Attempt(sending=True, sender=owner, sent_at_seconds=now_seconds())
    job = new_job(request).model_copy(update={"status": "submitting", "attempt": attempt})
    write = on.jobs.create_write(job)
    on.ledger.hold(
        job.workspace_id, job.hold_id, job.credits, job_id=job.job_id, with_writes=[write]
    )
    kept = on.jobs.get(job.job_id)
    if kept.attempt.sender != owner:
        raise in_flight()
    return kept


def in_flight() -> Conflict:
    """Returns what a second request is answered while the first one with its key is at work."""
    message = "The first request with this Idempotency-Key is still in flight"
    return Conflict(message, code="idempotency_in_flight")


def follow_replacement(on: Engine, job: Job, model: Model) -> Job:
    """Another model makes it, because its own is gone at its vendor. Raises ConditionFailed."""
    reason = f"model_gone:{job.model}->replacement:{model.id}"
    return on.jobs.next_attempt(job, changed_model(job, model, reason) | {"replaced": True})


def end_text(on: Engine, job: Job, ending: TextEnding) -> Job:
    """Ends it once, with the credits for what was told. One that has ended stays as it is.

    Without a text it has failed, so that its key may be used again.
    """
    used, code = used_credits(job, ending), ending.error_code
    if not used:
        return complete(on, end(on, job, "failed", code or "bad_delivery"))
    result = ending.told.model_dump_json()
    return complete(on, end_paid(on, job, ending.status, code, used, result))


def used_credits(job: Job, ending: TextEnding) -> int:
    """Returns what is taken of the hold: nothing for no text, else at least 1.

    Where the price is for a request, a whole answer costs it, and a part of one its share of the
    longest answer that was asked for. Where it is by characters, those that were told count.
    """
    told = len(ending.told.text)
    if not told:
        return 0
    model = get_model(job.catalogue_id)
    if model.pricing.unit == "1k_characters":
        return min(job.credits, price(model, characters=told).credits)
    if ending.status == "completed":
        return job.credits
    share = told / max(job.wanted.characters or told, told)
    return max(1, math.ceil(job.credits * share))


def told_by(job: Job) -> TextResult:
    """Returns what the job has told, from its row."""
    return (
        TextResult(text="")
        if job.delivery.result is None
        else TextResult.model_validate_json(job.delivery.result)
    )


def failure(job: Job) -> AppError:
    """Returns the error of a job that ended badly."""
    code = code_of(job)
    details = {
        "status": "failed",
        "model": job.model,
        "credits": job.credits_debited,
        "credits_used": job.credits_debited,
        "job_id": job.job_id,
        **disclosed(job),
    }
    return error_of(job, OWN_TEXTS.get(code) or text_of(code, "text", "prompt"), details)


def text_bytes(text: str) -> int:
    """Returns how much of a row a text takes."""
    return len(json.dumps(text, ensure_ascii=False).encode())
