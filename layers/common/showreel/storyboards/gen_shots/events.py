"""A run's stored events as the documented stream: `meta`, `shot`…, then `done` or `error`.

The number of an event is its `id`: a client that comes back with `Last-Event-ID` gets what follows
it, from any process, also when the run is long over.
"""

import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

from showreel.runs.models import Run
from showreel.runs.store import Event, Runs
from showreel.runs.stream import follow_as

PAUSE_SECONDS, LOOKS = 0.08, 750
"""A shot has about three words between two looks. After a minute the pauses are longer."""
LATER_PAUSE_SECONDS = 0.5
META_NUMBER = 1
"""The event with which a run is born stands for `meta`."""


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

    `opened_at`, when the request came, and `deadline` are seconds of `clock`. A stream cut at the
    deadline has no last event: the client comes back. A run that is over always gives its last
    event again, so that nobody waits for more.
    """

    def told(event: Event) -> Iterator[tuple[str, dict[str, Any]]]:
        if event.number == META_NUMBER:
            yield "meta", _meta(run, round(1000 * (clock() - opened_at)))
        elif event.last:
            yield _last(run, event.data)
        elif event.name == "shot":
            yield event.name, event.data

    pauses = chain(repeat(PAUSE_SECONDS, LOOKS), repeat(LATER_PAUSE_SECONDS))
    return follow_as(told, runs, run, after, pauses, deadline=deadline, clock=clock, **timing)


def _meta(run: Run, latency_ms: int) -> dict[str, Any]:
    return {
        "requestId": run.options["request_id"],
        "projectId": run.options["project_id"],
        "sceneId": run.options["scene_id"],
        "latency": latency_ms,
        "runId": run.id,
    }


def _last(run: Run, view: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Returns the last event. `view` is the run as it ended."""
    request_id, output = run.options["request_id"], view.get("output") or {}
    own = {"requestId": request_id, "credits": view["credits"]["posted"]}
    if view["status"] == "completed":
        done = {"completed": True, "total": output["total"]}
        return "done", done | own | {"templates": output["templates"]}
    fault = view.get("error") or {"code": view["status"], "message": "The shots were canceled"}
    return "error", {"error": fault["message"], "code": fault["code"]} | own
