"""Jobs of text, made by the request itself while it answers. There is no state machine.

    row + hold (one transaction) → the vendor's stream → row's end + capture (one) → close the hold

Lambda doesn't say that the client has left, so the request goes on, unless `cancel_requested` is
set on the row.

If a request dies in between, the reconciler ends its open row and gives the hold back; if it dies
after the end, the reconciler closes the hold.
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
"""Assumed length of a token, for prices by characters and for the longest answer."""
MAX_TEXT_BYTES = 250_000
"""Limit of the answer as JSON: a row of DynamoDB has at most 400 KB."""
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
    """How a text ended, and the part that reached the caller."""

    status: Final
    result: TextResult
    error_code: str | None = None


def open_text(on: Engine, request: JobRequest, owner: str) -> Job:
    """Writes the row and a hold of the highest price, once; `owner` identifies this request.

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
    """Returns the error for a second request while the first one with its key is at work."""
    message = "The first request with this Idempotency-Key is still in flight"
    return Conflict(message, code="idempotency_in_flight")


def follow_replacement(on: Engine, job: Job, model: Model) -> Job:
    """Switches the job to the replacement of a model that is gone. Raises ConditionFailed."""
    reason = f"model_gone:{job.model}->replacement:{model.id}"
    return on.jobs.next_attempt(job, changed_model(job, model, reason) | {"replaced": True})


def end_text(on: Engine, job: Job, ending: TextEnding) -> Job:
    """Ends the job once and captures the credits for the text. An ended job stays as it is.

    Without a text the job fails, so that its key may be used again.
    """
    used, code = used_credits(job, ending), ending.error_code
    if not used:
        return complete(on, end(on, job, "failed", code or "bad_delivery"))
    result = ending.result.model_dump_json()
    return complete(on, end_paid(on, job, ending.status, code, used, result))


def used_credits(job: Job, ending: TextEnding) -> int:
    """Returns the credits to capture: 0 without a text, else at least 1.

    By a price per request, a whole answer costs all of it, and a partial one its share of the
    longest answer that was asked for. By a price per characters, those of the text count.
    """
    characters = len(ending.result.text)
    if not characters:
        return 0
    model = get_model(job.catalogue_id)
    if model.pricing.unit == "1k_characters":
        return min(job.credits, price(model, characters=characters).credits)
    if ending.status == "completed":
        return job.credits
    share = characters / max(job.wanted.characters or characters, characters)
    return max(1, math.ceil(job.credits * share))


def text_result(job: Job) -> TextResult:
    """Returns the job's result from its row; without one, an empty text."""
    return (
        TextResult(text="")
        if job.delivery.result is None
        else TextResult.model_validate_json(job.delivery.result)
    )


def failure(job: Job) -> AppError:
    """Returns the error to answer for a failed or canceled job."""
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
    """Returns the size of a text in a row, in bytes."""
    return len(json.dumps(text, ensure_ascii=False).encode())
