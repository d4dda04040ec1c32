"""What the endpoint does: begin or find a run, and tell its events."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from showreel.core.ids import new_id
from showreel.core.settings import Streams, settings
from showreel.edge.streaming.limits import Lifetime, seconds_left
from showreel.identity import Caller
from showreel.storyboards.gen_shots.begin import begin
from showreel.storyboards.gen_shots.events import shot_events
from showreel.storyboards.gen_shots.kind import shot_runs
from showreel.storyboards.gen_shots.schemas import GenShotsBody


@dataclass(frozen=True)
class Call:
    """How the request came in."""

    base_url: str
    function_arn: str
    lifetime: Lifetime
    key: str | None = None
    """The `Idempotency-Key`, which stands for the request's id if the body has none."""
    last_event_id: int = 0


@dataclass(frozen=True)
class ShotStream:
    """The events that are told. A replay is of a request that came before."""

    body: Iterator[bytes]
    is_replay: bool


def gen_shots(caller: Caller, request: GenShotsBody, call: Call) -> ShotStream:
    """Writes shots, or finds those of the same request. Raises as `begin`."""
    opened_at = time.monotonic()
    on = shot_runs(call.function_arn)
    request_id = request.request_id or call.key or new_id()
    begun = begin(on, caller, request, request_id, call.base_url)
    seconds = min(settings(Streams).stream_seconds, seconds_left(call.lifetime))
    events = shot_events(
        on.runs,
        begun.run,
        call.last_event_id,
        opened_at=opened_at,
        deadline=time.monotonic() + seconds,
    )
    return ShotStream(events, is_replay=not begun.is_new)
