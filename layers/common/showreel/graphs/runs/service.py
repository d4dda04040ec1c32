"""What the endpoints of graphs' runs do: execute, look, cancel."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from showreel.core.errors import NotFound
from showreel.core.ids import new_id
from showreel.edge.paging import decode_cursor, encode_cursor, refuse_cursor
from showreel.edge.streaming.limits import Lifetime, seconds_left
from showreel.graphs.prices import price_of
from showreel.graphs.runs.kind import GRAPHS, graphs
from showreel.graphs.runs.models import NodeResult, Standing
from showreel.graphs.runs.rows import plan_of, rows_of
from showreel.graphs.runs.schemas import (
    ComputeExecute,
    ComputeRun,
    NodeView,
)
from showreel.graphs.runs.shown import shown_output
from showreel.graphs.runs.start import Begun, GraphOrder, Price, begin, cached_nodes, find
from showreel.graphs.runs.stream import graph_events, status_of
from showreel.graphs.runs.view import counts_of
from showreel.graphs.service import Prepared, prepare
from showreel.identity import Caller, require_access
from showreel.projects import require_project
from showreel.runs.claims import Key
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import Run

ROUTE = "compute-execute"
MISSING = "Run not found"


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
class GraphStream:
    """The events that are told. A replay is of a request that came before."""

    body: Iterator[bytes]
    is_replay: bool


def execute(caller: Caller, request: ComputeExecute, call: Call) -> GraphStream:
    """Begins a run, or finds the one of the same request, and tells its events.

    Raises, in this order, NotFound for the project, IdempotencyMismatch, InvalidInput with all
    findings, InsufficientCredits and SpendCapReached.
    """
    request_id = request.request_id or call.key or new_id()
    begun = _begun(caller, request, request_id, call)
    deadline = time.monotonic() + seconds_left(call.lifetime)
    events = graph_events(begun.run, call.last_event_id, deadline=deadline)
    return GraphStream(events, is_replay=not begun.is_new)


def _begun(caller: Caller, request: ComputeExecute, request_id: str, call: Call) -> Begun:
    project = require_project(caller, request.project_id)
    key = Key((project.workspace_id, ROUTE, request_id), request.digest)
    earlier = find(call.function_arn, key)
    if earlier is not None:
        return earlier
    prepared = prepare(caller, request.project_id, request.node_ids, call.base_url)
    order = _order(prepared, request_id, use_cache=request.use_cache)
    return begin(order, key, call.base_url, call.function_arn)


def foresee(prepared: Prepared, base_url: str) -> frozenset[str]:
    """Returns the nodes of a run that would be taken from the cache."""
    return cached_nodes(_order(prepared, new_id(), use_cache=True), base_url)


def _order(prepared: Prepared, request_id: str, *, use_cache: bool) -> GraphOrder:
    steps = prepared.run.steps
    prices = {node_id: price_of(step) for node_id, step in steps.items()}
    return GraphOrder(
        workspace_id=prepared.project.workspace_id,
        project_id=prepared.project.id,
        steps=steps,
        prices={one: Price(price.credits, price.seconds) for one, price in prices.items()},
        use_cache=use_cache,
        request_id=request_id,
    )


def look(
    caller: Caller, run_id: str, limit: int, cursor: str | None, function_arn: str
) -> ComputeRun:
    """Returns the run as it is, with a page of its nodes. Raises NotFound, InvalidInput."""
    on = graphs(function_arn)
    return _shown(on, _own(on, caller, run_id), limit, cursor)


def cancel(caller: Caller, run_id: str, limit: int, function_arn: str) -> ComputeRun:
    """Cancels the run: what is made is kept and paid, the rest returns. Raises NotFound, Conflict
    `run_over`.
    """
    on = graphs(function_arn)
    return _shown(on, on.cancel(_own(on, caller, run_id)), limit, None)


def _own(on: Lifecycle, caller: Caller, run_id: str) -> Run:
    """Returns the caller's run. Foreign, missing and other kinds of runs give the same NotFound."""
    run = on.runs.find(run_id)
    is_one = run is not None and run.kind == GRAPHS.name
    require_access(caller, run.workspace_id if run and is_one else None, MISSING)
    if run is None:
        raise NotFound(MISSING)
    return run


def _shown(on: Lifecycle, run: Run, limit: int, cursor: str | None) -> ComputeRun:
    order = plan_of(run.id).order
    indexes, following = _page(run.id, len(order), limit, cursor)
    results = {one.index: one for one in rows_of(run.id).some(indexes)}
    counts = counts_of(run)
    return ComputeRun(
        run_id=run.id,
        project_id=run.subject_id,
        request_id=run.options["request_id"],
        status=status_of(run),
        queue_position=on.position(run),
        progress=run.progress.progress,
        **counts,
        credits=run.credits,
        error=run.error,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        nodes=tuple(_node(run, index, results.get(index)) for index in indexes),
        next_cursor=following,
    )


def _page(run_id: str, total: int, limit: int, cursor: str | None) -> tuple[list[int], str | None]:
    """Returns the indexes of a page and the next page's cursor. Raises InvalidInput."""
    list_key = f"{run_id} nodes"
    after = decode_cursor(list_key, cursor, 1)
    if after and not (after[0].isascii() and after[0].isdecimal() and len(after[0]) <= 6):
        refuse_cursor(cursor)
    first = int(after[0]) if after else 0
    indexes = [*range(first, min(total, first + limit))]
    is_more = bool(indexes) and first + limit < total
    return indexes, encode_cursor(list_key, [str(first + limit)]) if is_more else None


def _node(run: Run, index: int, result: NodeResult | None) -> NodeView:
    plan = plan_of(run.id)
    step = plan.steps[index].step
    if result is None:
        status = "canceled" if run.is_over else Standing.of(run).statuses(plan)[step.node_id]
        return NodeView(node_id=step.node_id, kind=step.kind, status=status)
    shown = result.model_dump(include={"code", "error", "cached", "credits", "processing_time_ms"})
    output = result.output and shown_output(result.output, run.public_base_url)
    names = {"node_id": step.node_id, "kind": step.kind, "status": result.status}
    return NodeView.model_validate(shown | names | {"output": output})
