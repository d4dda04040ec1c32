"""gen-shots: streams the events of a scene's shots from the first to the last, however often the
stream breaks.

The server numbers its events and writes on without a client: a request with the same id and
`Last-Event-ID` gets the events after that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from showreel_client import storyboards, values
from showreel_client.effects import Conversation
from showreel_client.generation import Setting
from showreel_client.numbered import NumberedReader, read
from showreel_client.routes import Route
from showreel_client.run import Run
from showreel_client.storyboards import Shot

ROUTE = Route("gen-shots", "gen-shots", "edge_function_error")
PHASES = ("creating", "drafting", "enriching", "ready")
KNOWN_FIELDS = ("id", "shot_number", "title", "prompt_idea", "description", "visual_prompt")


@dataclass(frozen=True)
class ShotsBegun:
    """The stream is open. `latency_ms` is the time that the server needed for that."""

    request_id: str
    project_id: str
    scene_id: str
    run_id: str | None = None
    latency_ms: int | None = None


@dataclass(frozen=True)
class ShotChanged:
    """A shot as it is now; a later one with the same `shot.id` replaces it.

    `shot.status` is `creating`, `drafting`, `enriching`, then `ready`. `shot.source` is `template`
    for a shot that no model wrote, which is free.
    """

    shot: Shot


@dataclass(frozen=True)
class ShotsWritten:
    """All shots are ready. `credits` were paid; so many `templates` among the shots are free."""

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
    body: dict[str, Any] = {"projectId": project_id, "shotCount": shot_count}
    body |= {"requestId": request_id} | ({} if scene_id is None else {"sceneId": scene_id})
    known = [_known(shot) for shot in existing_shots]
    body |= {"existingShots": known} if known else {}
    yield from read(setting, request_id, ROUTE, partial(_Reader, shot_count=shot_count), body)


def _known(shot: Shot | Mapping[str, Any]) -> dict[str, Any]:
    """Returns the fields of an existing shot that the server needs."""
    fields = vars(shot) if isinstance(shot, Shot) else shot
    return {name: fields[name] for name in KNOWN_FIELDS if fields.get(name) is not None}


class _Reader(NumberedReader):
    route, label = ROUTE, "Writing shots"
    last_events = frozenset({"done", "error"})

    def __init__(self, run: Run, shot_count: int) -> None:
        super().__init__(run)
        self._seen, self._expected = 0, 2 + shot_count * len(PHASES)

    def is_last(self, value: object) -> bool:
        """Returns whether this is the last event."""
        return isinstance(value, ShotsWritten)

    def share(self, value: object) -> float:  # noqa: ARG002 - the base's
        """Returns the share of the expected events that have come."""
        self._seen += 1
        return self._seen / self._expected

    def decode(self, name: str, body: Mapping[str, Any]) -> ShotEvent | None:
        """Returns the event as a value, None for an unknown one."""
        request_id = values.text(body.get("requestId")) or self.run.request_id
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
