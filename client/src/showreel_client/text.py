"""The routes gemini-text and groq-text: one JSON answer, or a stream of chunks ending `[DONE]`."""

from collections.abc import Mapping
from typing import Any

from showreel_client import faults, values
from showreel_client.effects import Answer, Conversation, Emit
from showreel_client.errors import GenerationError
from showreel_client.models import GenerationInput
from showreel_client.outcome import Outcome
from showreel_client.references import own_parameters
from showreel_client.routes import GROQ
from showreel_client.run import Run, body_of
from showreel_client.sse import Event
from showreel_client.stream import follow

FIELDS = {
    "system_prompt": "systemPrompt",
    "max_tokens": "maxTokens",
    "response_format": "responseFormat",
}
DONE = "[DONE]"


def generate(
    run: Run, wanted: GenerationInput, model: str, extra: Mapping[str, Any]
) -> Conversation[Outcome]:
    """Returns the outcome with the whole text; pieces of a stream are emitted as they arrive."""
    if wanted.reference_assets:
        raise run.error(f"{model} takes no reference assets on this route")
    fields = {FIELDS.get(name, name): value for name, value in own_parameters(wanted).items()}
    name = model.removeprefix("groq/") if run.route is GROQ else model
    body = {**fields, "prompt": wanted.prompt, "model": name, **extra}
    accept = "text/event-stream" if body.get("stream") is True else "application/json"
    reader = TextReader(run)
    yield from follow(run, run.post(body, accept=accept), reader)
    return reader.outcome


def text_of(value: Any) -> str | None:
    """Returns the text of a completion: `text`, or `choices[0].message.content`."""
    body = values.record(value)
    choices = body.get("choices")
    choice = values.record(choices[0] if isinstance(choices, list) and choices else None)
    content = values.record(choice.get("message")).get("content")
    return values.text(body.get("text")) or values.text(content)


class TextReader:
    """Reads a stream of OpenAI's chunks, or one JSON answer."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._emitted = ""
        self._text = ""
        self._usage: Any = None
        self.outcome = Outcome(media_type="text")

    def start(self) -> None:
        """Drops the text so far, because it comes again from its beginning."""
        self._text = ""

    def take(self, event: Event) -> Conversation[bool]:
        """Takes one chunk, and yields its effects. Returns whether it is the last."""
        if event.data.strip() == DONE:
            self._finish()
            return True
        body = event.json or {}
        if event.name == "error" or body.get("type") == "error" or body.get("error"):
            raise faults.error_in(body, self._run.route.error_code)
        yield from self._run.know(body)
        self._note(body)
        self._text += _piece(body)
        yield from self._emit()
        return False

    def whole(self, answer: Answer) -> Conversation[None]:
        """Takes a text that came in one piece."""
        body = body_of(self._run, answer)
        yield from self._run.know(body)
        self._text = text_of(body) or ""
        self._note(body)
        self._finish()
        yield from self._emit()

    def _emit(self) -> Conversation[None]:
        """Emits the new part of the text. Raises GenerationError if a replay differs from it."""
        known = min(len(self._text), len(self._emitted))
        if self._text[:known] != self._emitted[:known]:
            raise self._run.error("The text changed when the stream was resumed")
        if len(self._text) > known:
            piece, self._emitted = self._text[known:], self._text
            yield Emit(piece)
            done = 90 * len(self._text) / (len(self._text) + 2_000)
            yield from self._run.meter.to(5 + done, "Generating text")

    def _note(self, body: Mapping[str, Any]) -> None:
        self.outcome.take(body)
        usage = body.get("usage")
        self._usage = usage if isinstance(usage, dict) else self._usage

    def _finish(self) -> None:
        if not self._text:
            raise GenerationError("The answer holds no text", "no_result")
        self.outcome.raw = {"text": self._text}
        if self._usage is not None:
            self.outcome.raw["usage"] = self._usage


def _piece(body: Mapping[str, Any]) -> str:
    choices = body.get("choices")
    choice = values.record(choices[0] if isinstance(choices, list) and choices else None)
    content = values.record(choice.get("delta")).get("content")
    return values.text(content) or values.text(body.get("text")) or ""
