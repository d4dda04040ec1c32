"""Streams a run's stored events as documented: `meta`, `node_status` and `node_progress`…, then
`complete` or `error`.

The number of an event is its `id`: a client that reconnects with `Last-Event-ID` gets the events
after it, from any process, also long after the run. The last event is written once, after the
credits are settled; the nodes' outputs in it are read from their rows when it is sent.
"""

from collections.abc import Iterator
from functools import partial
from itertools import chain, repeat
from typing import Any

from showreel.graphs.runs.models import Standing
from showreel.graphs.runs.record import PROGRESS, STATUS
from showreel.graphs.runs.rows import rows_of
from showreel.graphs.runs.shown import shown_output
from showreel.graphs.runs.view import counts_of, graph_runs
from showreel.runs.models import Run
from showreel.runs.store import Event
from showreel.runs.stream import follow_as

PAUSE_SECONDS, LOOKS = 0.1, 600
"""How often the pause is short: for a minute."""
LATER_PAUSE_SECONDS = 0.5
META_NUMBER = 1
"""The number of a run's first event, which is shown as `meta`."""


def graph_events(run: Run, after: int, *, deadline: float, **timing: Any) -> Iterator[bytes]:
    """Yields the events after number `after` until the last one, or until the deadline.

    `deadline` is in seconds of `time.monotonic`; `timing` goes to `edge.following`. A stream that
    ends at the deadline has no last event, and the client reconnects. Of a run that is over the
    last event is always sent, so that no client waits for more.
    """
    pauses = chain(repeat(PAUSE_SECONDS, LOOKS), repeat(LATER_PAUSE_SECONDS))
    sent_events = partial(_sent_events, run)
    return follow_as(sent_events, graph_runs(), run, after, pauses, deadline=deadline, **timing)


def _sent_events(run: Run, event: Event) -> Iterator[tuple[str, dict[str, Any]]]:
    if event.number == META_NUMBER:
        yield "meta", meta(run)
    elif event.last:
        yield last_event(graph_runs().get(run.id))
    elif event.name in {STATUS, PROGRESS}:
        yield event.name, event.data


def meta(run: Run) -> dict[str, Any]:
    """Returns the event `meta`, which opens the stream."""
    return {
        "run_id": run.id,
        "project_id": run.subject_id,
        "total_nodes": len(Standing.of(run).letters),
        "request_id": run.options["request_id"],
        "credits_held": run.credits.held,
    }


def last_event(run: Run) -> tuple[str, dict[str, Any]]:
    """Returns the last event of a run that is over: `error` if it wasn't ended by its nodes."""
    if run.error is not None and run.error.code != NODES_FAILED:
        fault = {"error": run.error.message, "code": run.error.code}
        return "error", {"run_id": run.id} | fault | completion(run)
    return "complete", {"run_id": run.id} | completion(run)


NODES_FAILED = "nodes_failed"


def completion(run: Run) -> dict[str, Any]:
    """Returns the results of a run that is over."""
    counts = counts_of(run)
    over = counts["completed_nodes"] + counts["failed_nodes"] + counts["skipped_nodes"]
    return {
        "status": status_of(run),
        "outputs": dict(_outputs(run)),
        **counts,
        "canceled_nodes": counts["total_nodes"] - over,
        "credits_used": run.credits.posted,
        "credits_released": run.credits.released,
    }


def status_of(run: Run) -> str:
    """Returns the run's documented status."""
    if not run.is_over:
        return run.status
    return str((run.output or {}).get("status", "failed"))


def _outputs(run: Run) -> Iterator[tuple[str, dict[str, Any]]]:
    for result in rows_of(run.id).results():
        if result.output is not None:
            yield result.node_id, shown_output(result.output, run.public_base_url)
