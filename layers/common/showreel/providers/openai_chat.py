"""Chat in OpenAI's form, which several vendors use: streamed chunks, then `[DONE]`.

Errors are `{"error": {"message", "type", "code"}}`, also in the middle of a stream. A vendor that
resells others puts their error as text under `details`. Reasoning, which is never part of the
answer, comes in fields of its own, or before the answer between `<think>` and `</think>`.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.providers.errors import REFUSED, Statuses, refuse
from showreel.providers.event_streams import EventStream, TextAccount, event_object
from showreel.providers.http import Answer, json_object
from showreel.providers.text import (
    FinishReason,
    Message,
    TextDelta,
    TextEnd,
    TextRequest,
    TextUsage,
)
from showreel.providers.values import first_object, object_in, plain_text, token_count

DONE = "[DONE]"
WORDS: dict[type[ProviderError], str] = {
    ProviderModelGone: "model_not_found model_decommissioned model_not_active",
    ProviderAuth: "invalid_api_key organization_restricted authentication_error",
    ProviderQuota: "insufficient_quota blocked_api_access billing_not_active",
    ProviderContentPolicy: "content_filter content_policy_violation",
    ProviderRateLimited: "rate_limit_exceeded",
    ProviderInvalidInput: "context_length_exceeded",
    ProviderUpstream: "json_validate_failed",
}
"""From the vendors' pages. An answer that isn't the JSON asked for is the vendor's failure."""
CODES = {word: error for error, words in WORDS.items() for word in words.split()}
SPENT = "spend_"
"""Prefix of Groq's codes for a reached spending limit (seen in production by a customer)."""
STATUSES: Statuses = {
    **REFUSED,
    408: ProviderTimeout,
    498: ProviderRateLimited,
    504: ProviderTimeout,
}
"""For answers without a known code."""
TOO_LARGE_STATUS = 413
"""Its code is that of a rate limit, but the same request will never be small enough."""
FINISHES: dict[object, FinishReason] = {"length": "length", "content_filter": "content_filter"}
"""Any other reason means `stop`."""
JSON_WORD = "json"
JSON_RULE = Message("system", "Answer with one JSON object and nothing else.")
"""Vendors refuse JSON mode unless a message has the word."""
THINK, THOUGHT = "<think>", "</think>"


class OpenAiChat(TextAccount):
    """Base of the adapters; each sets its name, path and fields."""

    name: str
    path: str
    limit_field: str
    extra: Mapping[str, Any] = MappingProxyType({})

    def stream(self, request: TextRequest) -> Iterator[TextDelta | TextEnd]:
        """Yields the answer. Raises ProviderContentPolicy if it was refused before any text."""
        with self._streaming(self.path, self._body(request), raise_error) as stream:
            yield from _pieces(stream)

    def _body(self, request: TextRequest) -> dict[str, Any]:
        messages = request.messages
        if request.json_only and not any(JSON_WORD in m.content.lower() for m in messages):
            messages = (JSON_RULE, *messages)
        return {
            **self.extra,
            **request.parameters,
            "model": request.upstream,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            self.limit_field: request.max_output_tokens,
            **({} if request.temperature is None else {"temperature": request.temperature}),
            **({"response_format": {"type": "json_object"}} if request.json_only else {}),
            "stream": True,
        }


class _Thinking:
    """A filter that removes reasoning before the answer, and white space around it."""

    def __init__(self) -> None:
        self._held = ""
        self._is_thinking = False
        self._is_answering = False

    def answer_in(self, text: str) -> str:
        """Returns the part of the next piece that belongs to the answer."""
        if self._is_answering:
            return text
        if self._is_thinking:
            return self._after_thought(self._held + text)
        self._held = (self._held + text).lstrip()
        if THINK.startswith(self._held):
            return ""
        if self._held.startswith(THINK):
            self._is_thinking = True
            return self._after_thought(self._held)
        self._is_answering = True
        return self._held

    def rest(self) -> str:
        """Returns the text that was held back, if it isn't reasoning after all."""
        return "" if self._is_thinking or self._is_answering else self._held

    def _after_thought(self, text: str) -> str:
        _, found, answer = text.partition(THOUGHT)
        answer = answer.lstrip()
        self._held = THOUGHT if found else text[-len(THOUGHT) :]
        self._is_answering = bool(answer)
        return answer


def _pieces(stream: EventStream) -> Iterator[TextDelta | TextEnd]:
    thinking = _Thinking()
    finish: object = None
    usage: TextUsage | None = None
    has_text = False
    for event in stream.events():
        if event.strip() == DONE:
            break
        chunk = _checked(event_object(event))
        choice = first_object(chunk.get("choices"))
        if text := thinking.answer_in(plain_text(object_in(choice, "delta").get("content"))):
            has_text = True
            yield TextDelta(text)
        finish = choice.get("finish_reason") or finish
        usage = _usage(chunk) or usage
    if finish is None:
        raise ProviderUpstream("the vendor's stream has no end")
    if rest := thinking.rest():
        has_text = True
        yield TextDelta(rest)
    yield _end(finish, usage, has_text=has_text)


def _end(finish: object, usage: TextUsage | None, *, has_text: bool) -> TextEnd:
    reason: FinishReason = FINISHES.get(finish, "stop") if isinstance(finish, str) else "stop"
    if reason == "content_filter" and not has_text:
        raise ProviderContentPolicy("the vendor refuses the content")
    return TextEnd(reason, usage)


def _checked(chunk: dict[str, Any]) -> dict[str, Any]:
    """Returns the chunk. Raises ProviderError if it has an error, in OpenAI's or Groq's form."""
    error = chunk.get("error")
    if error:
        raise_error(Answer(500, {"error": error}, None))
    if object_in(chunk, "x_groq").get("error"):
        raise ProviderUpstream("the vendor stopped in the middle")
    return chunk


def _usage(chunk: dict[str, Any]) -> TextUsage | None:
    usage = object_in(chunk, "usage") or object_in(object_in(chunk, "x_groq"), "usage")
    given = token_count(usage.get("prompt_tokens"))
    made = token_count(usage.get("completion_tokens"))
    return None if given is None or made is None else TextUsage(given, made)


def raise_error(answer: Answer) -> NoReturn:
    """Raises the error of an answer that isn't 200."""
    refuse(_class(answer), answer)


def _class(answer: Answer) -> type[ProviderError]:
    if answer.status == TOO_LARGE_STATUS:
        return ProviderInvalidInput
    error = object_in(answer.body or {}, "error")
    details = error.get("details")
    inner = json_object(details) if isinstance(details, str) else None
    for fields in (object_in(inner or {}, "error"), error):
        for word in (fields.get("code"), fields.get("type")):
            known = _by_word(word)
            if known is not None:
                return known
    return STATUSES.get(answer.status, ProviderUpstream)


def _by_word(word: object) -> type[ProviderError] | None:
    if not isinstance(word, str):
        return None
    return ProviderQuota if word.startswith(SPENT) else CODES.get(word)
