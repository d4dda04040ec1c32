"""Gemini's text, streamed: each event is an answer object with the next piece.

A refused prompt is answered with `promptFeedback.blockReason` and no candidate; refused output
ends with a finish reason. Thoughts are parts of their own and count as output.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from showreel.core.errors import ProviderContentPolicy, ProviderUpstream
from showreel.providers.event_streams import EventStream, TextAccount, event_object
from showreel.providers.google.api import KEY_HEADER, ONE_MODEL, raise_error
from showreel.providers.http import Answer
from showreel.providers.text import (
    FinishReason,
    Message,
    TextDelta,
    TextEnd,
    TextRequest,
    TextUsage,
)
from showreel.providers.values import first_object, object_in, plain_text, token_count

REFUSED = frozenset(
    {"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"}
)
BROKEN = frozenset({"OTHER", "MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "NO_IMAGE"})
"""Ends without an answer where asking again may help (vendor page)."""
TOP_LEVEL = frozenset({"safetySettings", "cachedContent", "serviceTier", "labels"})
"""Parameters of a binding that stay at the top; all others go into `generationConfig`."""
MAX_PARTS = 1000


class GoogleText(TextAccount):
    """The adapter of Gemini's text."""

    name = "google-text"
    key_header = KEY_HEADER
    key_form = "{}"
    health_path = ONE_MODEL

    def stream(self, request: TextRequest) -> Iterator[TextDelta | TextEnd]:
        """Yields the answer. Raises ProviderContentPolicy if it was refused before any text."""
        model = quote(request.upstream, safe="")
        path = f"/v1beta/models/{model}:streamGenerateContent?alt=sse"
        with self._streaming(path, _body(request), raise_error) as stream:
            yield from _pieces(stream)


def _body(request: TextRequest) -> dict[str, Any]:
    """Returns the body: system messages are one instruction, the assistant's role is `model`."""
    given = request.parameters
    rules = [{"text": m.content} for m in request.messages if m.role == "system"]
    config: dict[str, Any] = {
        **{name: given[name] for name in given.keys() - TOP_LEVEL},
        "maxOutputTokens": request.max_output_tokens,
        **({} if request.temperature is None else {"temperature": request.temperature}),
        **({"responseMimeType": "application/json"} if request.json_only else {}),
    }
    return {
        **{name: given[name] for name in given.keys() & TOP_LEVEL},
        "contents": [_turn(m) for m in request.messages if m.role != "system"],
        **({"systemInstruction": {"parts": rules}} if rules else {}),
        "generationConfig": config,
    }


def _turn(message: Message) -> dict[str, Any]:
    role = "model" if message.role == "assistant" else "user"
    return {"role": role, "parts": [{"text": message.content}]}


def _pieces(stream: EventStream) -> Iterator[TextDelta | TextEnd]:
    finish: object = None
    usage: TextUsage | None = None
    has_text = False
    for event in stream.events():
        answer = _checked(event_object(event))
        candidate = first_object(answer.get("candidates"))
        if text := _text(candidate):
            has_text = True
            yield TextDelta(text)
        finish = candidate.get("finishReason") or finish
        usage = _usage(object_in(answer, "usageMetadata")) or usage
    yield TextEnd(_finish(finish, has_text=has_text), usage)


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    """Returns the event. Raises ProviderError if it is an error or a refusal of the prompt."""
    if answer.get("error"):
        raise_error(Answer(500, answer, None))
    if object_in(answer, "promptFeedback").get("blockReason"):
        raise ProviderContentPolicy("the vendor refuses the prompt")
    return answer


def _text(candidate: dict[str, Any]) -> str:
    parts = object_in(candidate, "content").get("parts")
    listed = parts[:MAX_PARTS] if isinstance(parts, list) else []
    said = [part for part in listed if isinstance(part, dict) and not part.get("thought")]
    return "".join(plain_text(part.get("text")) for part in said)


def _finish(reason: object, *, has_text: bool) -> FinishReason:
    if not isinstance(reason, str):
        raise ProviderUpstream("the vendor's stream has no end")
    if reason in BROKEN:
        raise ProviderUpstream("the vendor ended without an answer")
    if reason not in REFUSED:
        return "length" if reason == "MAX_TOKENS" else "stop"
    if not has_text:
        raise ProviderContentPolicy("the vendor refuses the content")
    return "content_filter"


def _usage(metadata: dict[str, Any]) -> TextUsage | None:
    """Returns the usage. Missing output counts are 0, as when the prompt left no room."""
    given = token_count(metadata.get("promptTokenCount"))
    made = token_count(metadata.get("candidatesTokenCount", 0))
    thought = token_count(metadata.get("thoughtsTokenCount", 0))
    if given is None or made is None or thought is None:
        return None
    return TextUsage(given, made + thought)
