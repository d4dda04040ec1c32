"""Responses of texts: completions and chunks in OpenAI's form, and groq-chat's own form.

All of it is derived from the job's row, so that a repeated answer is the same.
"""

from collections.abc import Iterator
from typing import Any

from showreel.core.clock import seconds_at
from showreel.core.errors import AppError, public_error
from showreel.edge.sse import data_frame
from showreel.generation import verdicts
from showreel.generation.models import Job
from showreel.generation.text.job import failure, text_result
from showreel.providers.text import TextUsage

DONE = b"data: [DONE]\n\n"
PIECE_CHARS = 4000
"""The number of characters in each chunk of a text that is replayed."""


def completion(job: Job) -> dict[str, Any]:
    """Returns the text as OpenAI's `chat.completion`."""
    result = text_result(job)
    message = {"role": "assistant", "content": result.text}
    choice = {"index": 0, "message": message, "finish_reason": result.finish_reason}
    return {
        "success": True,
        **_head(job, "chat.completion"),
        "choices": [choice],
        "usage": _usage(result.usage),
        "credits": job.credits_debited,
        **disclosed(job),
    }


def groq_answer(job: Job) -> dict[str, Any]:
    """Returns the body of groq-chat's answer."""
    result = text_result(job)
    return {
        "success": True,
        "text": result.text,
        "model": job.model,
        "finish_reason": result.finish_reason,
        "usage": _usage(result.usage),
        "credits": job.credits_debited,
        **disclosed(job),
    }


def disclosed(job: Job) -> dict[str, Any]:
    """Returns the job's id, the model that was asked for, and whether another one answered."""
    return {"job_id": job.job_id, **verdicts.disclosed(job)}


def piece(job: Job, text: str, *, is_first: bool) -> bytes:
    """Returns a chunk with the next part of the text; the first one names the job and its model."""
    role = {"role": "assistant"} if is_first else {}
    more = disclosed(job) if is_first else {}
    return _chunk(job, role | {"content": text}, None, more)


def last(job: Job) -> bytes:
    """Returns the last chunk of a complete text, with usage and credits."""
    result = text_result(job)
    more = {"usage": _usage(result.usage), "credits": job.credits_debited, **disclosed(job)}
    return _chunk(job, {}, result.finish_reason, more) + DONE


def broken(job: Job, error: AppError) -> bytes:
    """Returns the last chunk of a text that broke off."""
    shown = public_error(error)
    fault = {"message": shown.message, "code": shown.code, "type": "provider_error"}
    more = {"code": shown.code, "message": shown.message, "credits": job.credits_debited}
    return data_frame({"error": fault, **more, "job_id": job.job_id})


def replay(job: Job) -> Iterator[bytes]:
    """Yields the chunks of a finished text from its beginning, with the ending that it had."""
    result = text_result(job)
    for start in range(0, len(result.text), PIECE_CHARS):
        yield piece(job, result.text[start : start + PIECE_CHARS], is_first=start == 0)
    yield last(job) if job.status == "completed" else broken(job, failure(job))


def _chunk(
    job: Job, delta: dict[str, str], finish_reason: str | None, more: dict[str, Any]
) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return data_frame({**_head(job, "chat.completion.chunk"), "choices": [choice], **more})


def _head(job: Job, kind: str) -> dict[str, Any]:
    created = seconds_at(job.created_at)
    return {"id": f"chatcmpl-{job.job_id}", "object": kind, "created": created, "model": job.model}


def _usage(usage: TextUsage | None) -> dict[str, int] | None:
    """Returns the usage under OpenAI's names; None if the vendor reported none."""
    if usage is None:
        return None
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
