"""The route fal-stream: a POST, answered with data-only events that have a `type`."""

from collections.abc import Iterator, Mapping
from typing import Any

from showreel_client import faults, values
from showreel_client.effects import Answer, Conversation, Effect
from showreel_client.errors import GenerationError
from showreel_client.models import GenerationInput, MediaType
from showreel_client.outcome import Outcome
from showreel_client.references import fal_inputs
from showreel_client.run import Run
from showreel_client.sse import Event, Parser
from showreel_client.stream import follow, take_all

PART_SECONDS = 120
"""How long one part of a stream lasts; the same request continues it."""
MESSAGES = {"IN_QUEUE": "Queued", "IN_PROGRESS": "Generating", "COMPLETED": "Storing"}


def generate(
    run: Run, wanted: GenerationInput, model: str, media_type: MediaType, extra: Mapping[str, Any]
) -> Conversation[Outcome]:
    """Follows the stream in parts until it is done: in one part the server would keep it open, and
    a process busy, for a client that is gone.
    """
    body = {"modelId": model, "inputs": fal_inputs(wanted, media_type)}
    body |= {} if media_type == "unknown" else {"media_type": media_type}
    body |= {"request_id": run.request_id, **extra}
    reader = FalReader(run)
    request = run.post(body, accept="text/event-stream", prefer=f"wait={PART_SECONDS}")
    yield from follow(run, request, reader)
    return reader.outcome


class FalReader:
    """Reads the events meta, progress, fallback, done and error; others are ignored."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.outcome = Outcome()

    def start(self) -> None:
        """Drops the outcome so far, because all events come again."""
        self.outcome = Outcome()

    def take(self, event: Event) -> Conversation[bool]:
        """Takes one event, and yields its effects. Returns whether it is the last."""
        body = event.json or {}
        yield from self._run.know(body)
        match body.get("type"):
            case "meta":
                self.outcome.take(body)
            case "fallback":
                self._fall_back(body)
            case "progress":
                yield from self._progress(values.record(body.get("event")))
            case "done":
                self._finish(body)
                return True
            case "error":
                raise faults.error_in(body, "provider_error")
        return False

    def whole(self, answer: Answer) -> Conversation[None]:
        """Takes events that arrived in one piece."""
        parser = Parser()
        if not answer.body.strip():
            raise GenerationError("The stream has no body", "no_body", status=answer.status)
        events = [*parser.feed(answer.body), *parser.end()]
        if not (yield from take_all(self, events)):
            raise GenerationError("The stream ended without a result", "no_result")

    def _fall_back(self, body: Mapping[str, Any]) -> None:
        self.outcome.take({**body, "fallback_used": True})
        model = values.text(values.first(body, "fallback_model", "resolved_model", "model"))
        self.outcome.resolved_model = model or self.outcome.resolved_model

    def _progress(self, event: Mapping[str, Any]) -> Iterator[Effect]:
        """Reports the progress: fal sends a fraction; a number above 1 is a percentage."""
        progress = values.number(event.get("progress"))
        percent = 5.0 if progress is None else progress * 100 if progress <= 1 else progress
        message = MESSAGES.get(values.text(event.get("status")) or "", "Generating")
        position = values.whole(event.get("queue_position"))
        if message == "Queued" and position:
            message = f"Queued, position {position}"
        yield from self._run.meter.to(min(percent, 99), message)

    def _finish(self, body: Mapping[str, Any]) -> None:
        result = body.get("result")
        self.outcome.take(body)
        self.outcome.take_media(result)
        if result is None and self.outcome.storage_url is None:
            raise GenerationError("The stream is done and has no result", "no_result")
