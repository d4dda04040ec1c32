"""Text jobs that nobody streams: one call, and the whole answer on the job's row.

    queued → [write: submitting, sending] → the vendor's stream, to its end → [write: stored]

Vendors can't be asked what became of a call: an attempt that is found with `sending` set is lost,
and another one may be made.
"""

import time
from contextlib import closing

from showreel.catalog import bind, get_model
from showreel.core.errors import ConditionFailed, ProviderError, ProviderTimeout
from showreel.core.ids import new_id
from showreel.generation.deliver import BadDelivery
from showreel.generation.engine import Engine
from showreel.generation.models import Job, NextStep
from showreel.generation.outcome import on_error
from showreel.generation.steps.calling import call, check_health
from showreel.generation.steps.submit import require_switched_on
from showreel.generation.text.job import MAX_TEXT_BYTES, TextResult, text_bytes
from showreel.generation.text.order import MAX_OUTPUT_TOKENS
from showreel.providers.registry import get_text
from showreel.providers.text import (
    Message,
    TextDelta,
    TextEnd,
    TextProvider,
    TextRequest,
    is_json_object,
)

MAKE_SECONDS = 240.0
"""The function has 300."""


def make_text(engine: Engine, job_id: str, lost_seconds: int = 0) -> NextStep:
    """Makes the text and stores it, or notes why there is none."""
    job = engine.jobs.get(job_id)
    if job.is_decided:
        return NextStep(route="settle")
    try:
        if job.attempt.sending:
            return on_error(engine, job, ProviderTimeout("the answer was lost"))
        return call(engine, job, lost_seconds, _send)
    except ConditionFailed:
        return NextStep(route="submit")


def _send(engine: Engine, job: Job, provider: str, lost_seconds: int) -> NextStep:
    """Makes the call, after reading all that is ours."""
    try:
        require_switched_on(provider)
        writer, request = get_text(provider), _request(job)
        check_health(engine, provider, writer, request.upstream)
    except ProviderError as error:
        return on_error(engine, job, error)
    sending = engine.jobs.begin_submit(job, new_id(), provider, lost_seconds)
    try:
        result = _generate(engine, sending, writer, request)
    except ProviderError as error:
        return on_error(engine, sending, error)
    engine.jobs.mark_stored(sending, result=result.model_dump_json())
    return NextStep(route="settle")


def _generate(engine: Engine, job: Job, writer: TextProvider, request: TextRequest) -> TextResult:
    """Returns the whole text. Raises a plain ProviderError for an unusable one, which isn't
    retried: the vendor bills it.
    """
    with engine.circuits.watched(job.provider, "submit"):
        result = _read(writer, request)
    if not result.text.strip():
        raise ProviderError("no text came", code=BadDelivery.code)
    if request.json_only and not is_json_object(result.text):
        raise ProviderError("the answer is not a JSON object", code=BadDelivery.code)
    return result


def _read(writer: TextProvider, request: TextRequest) -> TextResult:
    parts: list[str] = []
    size, until = 0, time.monotonic() + MAKE_SECONDS
    stream = writer.stream(request)
    with closing(stream):  # type: ignore[type-var]  # every adapter's is a generator
        for piece in stream:
            if isinstance(piece, TextEnd):
                return TextResult(
                    text="".join(parts), finish_reason=piece.finish_reason, usage=piece.usage
                )
            if isinstance(piece, TextDelta):
                parts.append(piece.text)
                size += text_bytes(piece.text)
            if size > MAX_TEXT_BYTES:
                return TextResult(text="".join(parts), finish_reason="length")
            if time.monotonic() > until:
                raise ProviderTimeout("the text took too long")
    raise ProviderTimeout("the stream has no end")


def _request(job: Job) -> TextRequest:
    """Returns the vendor's request, from the fields of the text models' form."""
    model, inputs = get_model(job.catalogue_id), job.wanted.inputs
    binding, rules = bind(model), inputs.get("systemPrompt")
    most = model.capabilities.max_output_tokens or MAX_OUTPUT_TOKENS
    system = (Message("system", rules),) if rules else ()
    return TextRequest(
        upstream=binding.upstream,
        messages=(*system, Message("user", inputs["prompt"])),
        max_output_tokens=min(int(inputs.get("maxTokens", most)), most),
        temperature=inputs.get("temperature"),
        json_only=inputs.get("responseFormat") == "json",
        parameters=binding.parameters,
    )
