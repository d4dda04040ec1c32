"""The route edge-function, to the function that `parameters["_edgeFunction"]` names."""

from typing import Any

from showreel_client import faults, values
from showreel_client.effects import Answer, Conversation
from showreel_client.jobs import FAILED, awaited
from showreel_client.models import GenerationInput
from showreel_client.outcome import Outcome
from showreel_client.references import asset_fields, own_parameters
from showreel_client.run import Run
from showreel_client.sse import Event
from showreel_client.stream import follow

KEYED = frozenset({"compute-execute", "gen-shots"})
"""Functions whose documented bodies have the call's key as `requestId`."""
LAST_EVENTS = frozenset({"done", "complete"})
ACCEPT = "application/json, text/event-stream"


def generate(run: Run, wanted: GenerationInput) -> Conversation[Outcome]:
    """Sends parameters, references and prompt as the body, and waits for a job that it starts.

    The input's `model` only names the call and isn't sent; `parameters["model"]` is. Raises
    GenerationError `edge_function_error`.
    """
    body = asset_fields(wanted.reference_assets) | own_parameters(wanted)
    body |= {"prompt": wanted.prompt}
    body |= {"requestId": run.request_id} if run.route.function in KEYED else {}
    reader = EdgeReader(run)
    yield from follow(run, run.post(body, accept=ACCEPT), reader)
    return reader.outcome


class EdgeReader:
    """Reads a JSON answer, or a stream, whose raw result is `{"events": [...]}`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._events: list[dict[str, Any]] = []
        self.outcome = Outcome()

    def start(self) -> None:
        """Drops the events so far, because they come again from the first."""
        self._events = []

    def take(self, event: Event) -> Conversation[bool]:
        """Takes one event, named by the stream or by its `type`. Returns whether it is the last."""
        body = event.json or {}
        name = event.name if event.name != "message" else values.text(body.get("type")) or ""
        is_last = name in LAST_EVENTS
        if name == "error" or (is_last and values.text(body.get("status")) in FAILED):
            raise faults.error_in(body, self._run.route.error_code)
        yield from self._run.know(body)
        self._events.append({**body, "event": name})
        yield from self._run.meter.to(5, "Working")
        if is_last:
            self.outcome.take(body)
            self.outcome.raw = {"events": self._events}
        return is_last

    def whole(self, answer: Answer) -> Conversation[None]:
        """Takes a JSON answer, or its job's when that is done."""
        body = yield from awaited(self._run, answer)
        self.outcome.take(body)
        self.outcome.take_media(body)
