"""gen-shots: the shots of a scene as events, from the first to the last one, however often the
stream breaks on the way.

The server numbers its events and writes on without a reader: a request with the same id and
`Last-Event-ID` gets what follows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from showreel_client import faults, storyboards, values
from showreel_client.effects import Answer, Conversation, Emit, Request
from showreel_client.errors import GenerationError
from showreel_client.generation import Setting
from showreel_client.routes import Route
from showreel_client.run import Run
from showreel_client.sse import Event
from showreel_client.storyboards import Shot
from showreel_client.stream import follow

ROUTE = Route("gen-shots", "gen-shots", "edge_function_error")
PHASES = ("creating", "drafting", "enriching", "ready")
LAST_EVENTS = frozenset({"done", "error"})
KNOWN_FIELDS = ("id", "shot_number", "title", "prompt_idea", "description", "visual_prompt")


@dataclass(frozen=True)
class ShotsBegun:
    """The stream is open. `latency_ms` is what the server needed for it."""

    request_id: str
    project_id: str
    scene_id: str
    run_id: str | None = None
    latency_ms: int | None = None


@dataclass(frozen=True)
class ShotChanged:
    """A shot as it is known now; the next one of the same `shot.id` takes its place.

    `shot.status` is `creating`, `drafting`, `enriching`, then `ready`. `shot.source` is `template`
    for a shot that no model wrote, which is free.
    """

    shot: Shot


@dataclass(frozen=True)
class ShotsWritten:
    """All shots are ready. `credits` were paid, `templates` of the shots are free."""

    request_id: str
    total: int
    credits: int | None = None
    templates: int | None = None


ShotEvent = ShotsBegun | ShotChanged | ShotsWritten


def gen_shots(
    setting: Setting,
    request_id: str,
    project_id: str,
    scene_id: str | None,
    shot_count: int,
    existing_shots: Iterable[Shot | Mapping[str, Any]],
) -> Conversation[None]:
    """Emits every event once. Raises GenerationError, with the request's id."""
    run = setting.run(ROUTE, request_id)
    body: dict[str, Any] = {"projectId": project_id, "shotCount": shot_count}
    body |= {"requestId": request_id} | ({} if scene_id is None else {"sceneId": scene_id})
    known = [_known(shot) for shot in existing_shots]
    body |= {"existingShots": known} if known else {}
    reader = _Reader(run, shot_count)
    try:
        request = run.post(body, accept="text/event-stream")
        yield from follow(run, request, reader, reader.resumed)
    except GenerationError as error:
        error.request_id = request_id
        raise


def _known(shot: Shot | Mapping[str, Any]) -> dict[str, Any]:
    """Returns what the server wants to know of a shot that there is."""
    fields = vars(shot) if isinstance(shot, Shot) else shot
    return {name: fields[name] for name in KNOWN_FIELDS if fields.get(name) is not None}


class _Reader:
    """Makes events of the stream's; one that comes again is passed over."""

    def __init__(self, run: Run, shot_count: int) -> None:
        self._run = run
        self._last = 0
        self._seen, self._expected = 0, 2 + shot_count * len(PHASES)

    def start(self) -> None:
        """The stream goes on where it broke."""

    def resumed(self, request: Request) -> Request:
        """Returns the request for what comes after the last event that was seen."""
        if not self._last:
            return request
        return replace(request, headers={**request.headers, "Last-Event-ID": str(self._last)})

    def take(self, event: Event) -> Conversation[bool]:
        """Emits an event; True for the last one. Raises GenerationError for `error`."""
        number = int(event.id) if event.id.isascii() and event.id.isdecimal() else None
        if event.name not in LAST_EVENTS and number is not None and number <= self._last:
            return False
        body = event.json or {}
        if event.name == "error":
            raise faults.told_error(body, ROUTE.error_code)
        told = self._told(event.name, body)
        if told is None:
            return False
        self._last = max(self._last, number or 0)
        yield Emit(told)
        self._seen += 1
        yield from self._run.meter.to(99 * self._seen / self._expected, "Writing shots")
        return isinstance(told, ShotsWritten)

    def whole(self, answer: Answer) -> Conversation[None]:  # noqa: ARG002 - the port's
        """Raises GenerationError: shots come as a stream or not at all."""
        raise self._run.error("The answer is no stream of shots")
        yield

    def _told(self, name: str, body: Mapping[str, Any]) -> ShotEvent | None:
        """Returns the event as a value, None for one that isn't known."""
        request_id = values.text(body.get("requestId")) or self._run.request_id
        if name == "meta":
            return ShotsBegun(
                request_id,
                values.text(body.get("projectId")) or "",
                values.text(body.get("sceneId")) or "",
                values.text(body.get("runId")),
                values.whole(body.get("latency")),
            )
        if name == "shot" and values.text(body.get("id")):
            return ShotChanged(storyboards.shot(body))
        if name == "done":
            return ShotsWritten(
                request_id,
                values.whole(body.get("total")) or 0,
                values.whole(body.get("credits")),
                values.whole(body.get("templates")),
            )
        return None
