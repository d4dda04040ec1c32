"""Advances a run: when it begins, and whenever it is woken.

    look at the jobs that have ended → skip, fill in, take from the cache → write → begin what is
    ready → and again, until nothing happens → wait

The execution waits for a token, which is answered when a node's job is settled. So a node begins as
soon as its last input is there, independent of others. A wake that comes while nobody waits is
counted, and seen before the next wait.
"""

import time

from showreel.core.errors import Conflict
from showreel.generation.engine import Engine, engine
from showreel.graphs.runs.kind import graphs
from showreel.graphs.runs.making import begin_ready, look, mend, report_progress
from showreel.graphs.runs.record import Raced, record
from showreel.graphs.runs.rows import rows_of
from showreel.graphs.runs.wake import wake_all
from showreel.graphs.runs.walk import Walk
from showreel.graphs.schedule import is_over
from showreel.runs.executions import answer_token
from showreel.runs.lifecycle import Lifecycle

WORK_SECONDS = 20.0
"""After this another invocation continues: the state machine's task has 45 seconds."""


def advance(run_id: str, token: str, function_arn: str) -> None:
    """Begins and records nodes until nothing more can be done. Answers `token` at once when all
    nodes are over or time is up; else it is answered when a job of the run ends.

    Raises Conflict `run_over` for a run that is over or being canceled, and Transient.
    """
    on, until = graphs(function_arn), time.monotonic() + WORK_SECONDS
    rows, is_first = rows_of(run_id), True
    while time.monotonic() < until:
        calls = rows.calls()
        walk = _walk(on, run_id)
        if is_over(walk.statuses):
            answer_token(token, {"is_over": True})
            return
        try:
            has_moved = _move(walk, engine(function_arn), is_first=is_first)
        except Raced:
            has_moved = True
        is_first = False
        if not has_moved and rows.wait(token, calls):
            return
    answer_token(token, {"is_over": False})


def _walk(on: Lifecycle, run_id: str) -> Walk:
    run = on.runs.get(run_id)
    if run.status == "queued":
        run = on.start(run_id, "Getting the nodes ready")
    if run.is_over or run.cancel_requested:
        raise Conflict("The run is over", code="run_over")
    return Walk.of(run)


def _move(walk: Walk, on: Engine, *, is_first: bool) -> bool:
    """Returns whether anything has changed, so that more may be possible. Raises Raced."""
    found = look(walk, on)
    wake_all(found.waiting_runs)
    walk.apply(found.results)
    over = [*found.results, *walk.cascade()]
    record(walk, over)
    begun = begin_ready(walk, on, found.again)
    if is_first:
        mend(on, found.going)
    report_progress(walk, found.going)
    return bool(over or begun)
