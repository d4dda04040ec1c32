"""Streams a run's stored events as documented: `meta`, `shot`…, then `done` or `error`.

The number of an event is its `id`: a client that reconnects with `Last-Event-ID` gets the events
after it, from any process, also long after the run.
"""

import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

from showreel.runs.models import Run
from showreel.runs.store import Event, Runs
from showreel.runs.stream import follow_as

PAUSE_SECONDS, LOOKS = 0.08, 750
"""At this pause a shot gains about three words between looks; after a minute it is longer."""
LATER_PAUSE_SECONDS = 0.5
META_NUMBER = 1
"""The number of a run's first event, which is shown as `meta`."""


def shot_events(
    runs: Runs,
    run: Run,
    after: int,
    *,
    opened_at: float,
    deadline: float,
    clock: Callable[[], float] = time.monotonic,
    **timing: Any,
) -> Iterator[bytes]:
    """Yields the events after number `after` until the last one, or until the deadline.

    `opened_at`, when the request came, and `deadline` are seconds of `clock`. A stream that ends at
    the deadline has no last event, and the client reconnects. Of a run that is over the last event
    is always sent, so that no client waits for more.
    """

    def sent_events(event: Event) -> Iterator[tuple[str, dict[str, Any]]]:
        if event.number == META_NUMBER:
            yield "meta", _meta(run, round(1000 * (clock() - opened_at)))
        elif event.last:
            yield _last(run, event.data)
        elif event.name == "shot":
            yield event.name, event.data

    pauses = chain(repeat(PAUSE_SECONDS, LOOKS), repeat(LATER_PAUSE_SECONDS))
    return follow_as(
        sent_events, runs, run, after, pauses, deadline=deadline, clock=clock, **timing
    )


def _meta(run: Run, latency_ms: int) -> dict[str, Any]:
    return {
        "requestId": run.options["request_id"],
        "projectId": run.options["project_id"],
        "sceneId": run.options["scene_id"],
        "latency": latency_ms,
        "runId": run.id,
    }


def _last(run: Run, view: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Returns the last event, from `view`, the run as it ended."""
    request_id, output = run.options["request_id"], view.get("output") or {}
    own = {"requestId": request_id, "credits": view["credits"]["posted"]}
    if view["status"] == "completed":
        done = {"completed": True, "total": output["total"]}
        return "done", done | own | {"templates": output["templates"]}
    fault = view.get("error") or {"code": view["status"], "message": "The shots were canceled"}
    return "error", {"error": fault["message"], "code": fault["code"]} | own
