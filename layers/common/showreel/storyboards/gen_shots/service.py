"""The use case of gen-shots: begin or find a run, and stream its events."""

import time

from showreel.core.ids import new_id
from showreel.edge.streaming.calls import StreamCall, StreamResponse
from showreel.edge.streaming.limits import stream_deadline
from showreel.identity import Caller
from showreel.storyboards.gen_shots.begin import begin
from showreel.storyboards.gen_shots.events import shot_events
from showreel.storyboards.gen_shots.kind import shot_runs
from showreel.storyboards.gen_shots.schemas import GenShotsBody


def gen_shots(caller: Caller, request: GenShotsBody, call: StreamCall) -> StreamResponse:
    """Writes shots, or finds those of the same request, and streams events. Raises as `begin`."""
    opened_at = time.monotonic()
    on = shot_runs(call.function_arn)
    request_id = request.request_id or call.key or new_id()
    begun = begin(on, caller, request, request_id, call.base_url)
    events = shot_events(
        on.runs,
        begun.run,
        call.last_event_id,
        opened_at=opened_at,
        deadline=stream_deadline(call.lifetime),
    )
    return StreamResponse(events, is_replay=not begun.is_new)
