"""Writes how nodes stand: the run's row, their own rows and their events, in one transaction.

If two processes advance a run at once, the second finds other statuses in the row than it read, and
looks again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from showreel.core.dynamo import Write
from showreel.core.errors import ConditionFailed
from showreel.graphs.runs.models import LETTERS, NodeResult, Standing
from showreel.graphs.runs.rows import rows_of
from showreel.graphs.runs.shown import shown_output
from showreel.graphs.runs.view import graph_runs
from showreel.graphs.runs.walk import Walk
from showreel.graphs.schedule import NodeStatus
from showreel.runs.models import Progress, Run
from showreel.runs.store import NewEvent

STATUS, PROGRESS = "node_status", "node_progress"
MOST_AT_ONCE, MOST_CHARS = 30, 1_000_000
"""The most results and characters in a transaction: two items a result, 100 items, 4 MB."""


class Raced(Exception):
    """Raised if another process has advanced the run, or it is being ended: look again."""


def record(walk: Walk, results: Sequence[NodeResult], *, is_ending: bool = False) -> None:
    """Writes results of nodes. Raises Raced, Transient."""
    for some in _portions(results):
        _move(
            walk,
            {result.index: result.status for result in some},
            [(STATUS, end_event(walk, result)) for result in some if result.status != "canceled"],
            [rows_of(walk.run.id).end_write(result) for result in some],
            cached=sum(result.cached for result in some),
            is_ending=is_ending,
        )


def begin_nodes(
    walk: Walk, tries: Mapping[str, int], events: Sequence[NewEvent], writes: Sequence[Write]
) -> None:
    """Writes that nodes are running, together with their jobs' rows. `tries` is how often each was
    tried before. Raises Raced, Transient.
    """
    changes: dict[int, NodeStatus] = {walk.plan.indexes[one]: "running" for one in tries}
    _move(walk, changes, events, writes, tries=tries)


def record_progress(walk: Walk, progress: Mapping[str, int], events: Sequence[NewEvent]) -> None:
    """Writes the progress of running nodes. Raises Raced, Transient."""
    if events:
        _move(walk, {}, events, [], reported=progress)


def closed(run: Run) -> Run:
    """Stops all processes from beginning nodes of the run, and returns the run."""

    def change(run: Run) -> dict[str, Any] | None:
        now = Standing.of(run)
        is_quiet = not now.count("pending") and not now.count("running")
        if now.is_closed or is_quiet:
            return None
        return {"state": now.model_copy(update={"is_closed": True}).model_dump()}

    return graph_runs().change(run.id, change)


def _move(
    walk: Walk,
    changes: Mapping[int, NodeStatus],
    events: Sequence[NewEvent],
    writes: Sequence[Write],
    *,
    tries: Mapping[str, int] | None = None,
    reported: Mapping[str, int] | None = None,
    cached: int = 0,
    is_ending: bool = False,
) -> None:
    seen, after = walk.standing, {index: LETTERS[status] for index, status in changes.items()}

    def change(run: Run) -> dict[str, Any] | None:
        now = Standing.of(run)
        is_same = all(now.letters[index] == seen.letters[index] for index in after)
        if not is_same or now.tries != seen.tries or _is_stopped(run, is_ending=is_ending):
            return None
        new = now.marked(changes, tries=now.tries | _again(tries), cached=now.cached + cached)
        progress = _of_running(walk, new, now.reported | dict(reported or {}))
        new = new.model_copy(update={"reported": progress})
        return {"state": new.model_dump(), "progress": _progress(new, run)}

    try:
        run = graph_runs().change(
            walk.run.id,
            change,
            event=events[0] if events else None,
            more_events=events[1:],
            with_writes=writes,
        )
    except ConditionFailed as error:  # of `writes`: the hold is closed, as the run is ending
        raise Raced from error
    walk.run, walk.standing = run, Standing.of(run)
    is_done = all(walk.standing.letters[index] == letter for index, letter in after.items())
    is_tried = walk.standing.tries == seen.tries | _again(tries)
    if _is_stopped(run, is_ending=is_ending) or not (is_done and is_tried):
        raise Raced
    walk.statuses |= {walk.plan.order[index]: status for index, status in changes.items()}


def _is_stopped(run: Run, *, is_ending: bool) -> bool:
    is_to_end = run.cancel_requested or Standing.of(run).is_closed
    return run.is_over or (is_to_end and not is_ending)


def _again(tries: Mapping[str, int] | None) -> dict[str, int]:
    return {node_id: count for node_id, count in (tries or {}).items() if count}


def _of_running(walk: Walk, standing: Standing, reported: Mapping[str, int]) -> dict[str, int]:
    running = LETTERS["running"]
    return {
        one: of
        for one, of in reported.items()
        if standing.letters[walk.plan.indexes[one]] == running
    }


def _progress(standing: Standing, run: Run) -> Progress:
    total = len(standing.letters)
    over = total - standing.count("pending") - standing.count("running")
    label = f"{over} of {total} nodes are done"
    percent = 5 + 90 * over // max(total, 1)
    return run.progress.model_copy(update={"step": "running", "label": label, "progress": percent})


def end_event(walk: Walk, result: NodeResult) -> dict[str, Any]:
    """Returns the event of a node's end."""
    shown: dict[str, Any] = {
        "node_id": result.node_id,
        "status": result.status,
        "processing_time_ms": result.processing_time_ms or 0,
        "cached": result.cached,
        "credits": result.credits,
    }
    if result.output is not None:
        shown["output"] = shown_output(result.output, walk.plan.public_base_url)
    if result.error is not None:
        shown |= {"error": result.error, "code": result.code}
    return shown


def _portions(results: Sequence[NodeResult]) -> Iterator[list[NodeResult]]:
    portion: list[NodeResult] = []
    chars = 0
    for result in results:
        size = sum(len(one.text or "") for one in result.output.artifacts) if result.output else 0
        if portion and (len(portion) == MOST_AT_ONCE or chars + size > MOST_CHARS):
            yield portion
            portion, chars = [], 0
        portion.append(result)
        chars += size
    if portion:
        yield portion
