"""Use cases of graphs' runs: execute, look and cancel."""

import time

from showreel.core.ids import new_id
from showreel.edge.limits import take_order
from showreel.edge.paging import page_of_indexes
from showreel.edge.streaming.calls import StreamCall, StreamResponse
from showreel.edge.streaming.limits import seconds_left
from showreel.graphs.prices import price_of
from showreel.graphs.runs.kind import graphs
from showreel.graphs.runs.models import NodeResult, Standing
from showreel.graphs.runs.rows import plan_of, rows_of
from showreel.graphs.runs.schemas import (
    ComputeExecute,
    ComputeRun,
    NodeView,
)
from showreel.graphs.runs.shown import shown_output
from showreel.graphs.runs.start import GraphOrder, begin, cached_nodes, find
from showreel.graphs.runs.stream import graph_events, status_of
from showreel.graphs.runs.view import counts_of
from showreel.graphs.service import Prepared, prepare
from showreel.identity import Caller
from showreel.projects import require_project
from showreel.runs.claims import Key
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import BegunRun, Run
from showreel.runs.service import own_run

ROUTE = "compute-execute"


def execute(caller: Caller, request: ComputeExecute, call: StreamCall) -> StreamResponse:
    """Begins a run, or finds that of the same request, and streams its events.

    Raises, in this order, NotFound for the project, IdempotencyMismatch, InvalidInput with all
    findings, RateLimited, InsufficientCredits and SpendCapReached.
    """
    request_id = request.request_id or call.key or new_id()
    begun = _begun(caller, request, request_id, call)
    deadline = time.monotonic() + seconds_left(call.lifetime)
    events = graph_events(begun.run, call.last_event_id, deadline=deadline)
    return StreamResponse(events, is_replay=not begun.is_new)


def _begun(caller: Caller, request: ComputeExecute, request_id: str, call: StreamCall) -> BegunRun:
    project = require_project(caller, request.project_id)
    key = Key((project.workspace_id, ROUTE, request_id), request.digest)
    earlier = find(call.function_arn, key)
    if earlier is not None:
        return earlier
    prepared = prepare(caller, request.project_id, request.node_ids, call.base_url)
    take_order(caller.user_id)
    order = _order(prepared, request_id, use_cache=request.use_cache)
    return begin(order, key, call.base_url, call.function_arn)


def foresee(prepared: Prepared, base_url: str) -> frozenset[str]:
    """Returns the nodes of a run that would be taken from the cache."""
    return cached_nodes(_order(prepared, new_id(), use_cache=True), base_url)


def _order(prepared: Prepared, request_id: str, *, use_cache: bool) -> GraphOrder:
    steps = prepared.run.steps
    return GraphOrder(
        workspace_id=prepared.project.workspace_id,
        project_id=prepared.project.id,
        steps=steps,
        prices={node_id: price_of(step) for node_id, step in steps.items()},
        use_cache=use_cache,
        request_id=request_id,
    )


def look(
    caller: Caller, run_id: str, limit: int, cursor: str | None, function_arn: str
) -> ComputeRun:
    """Returns the run, with a page of its nodes. Raises NotFound, InvalidInput."""
    on = graphs(function_arn)
    return _shown(on, own_run(on, caller, run_id), limit, cursor)


def cancel(caller: Caller, run_id: str, limit: int, function_arn: str) -> ComputeRun:
    """Cancels the run: finished outputs are kept and paid for, other credits return. Raises
    NotFound, Conflict `run_over`.
    """
    on = graphs(function_arn)
    return _shown(on, on.cancel(own_run(on, caller, run_id)), limit, None)


def _shown(on: Lifecycle, run: Run, limit: int, cursor: str | None) -> ComputeRun:
    order = plan_of(run.id).order
    indexes, following = page_of_indexes(f"{run.id} nodes", len(order), limit, cursor)
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
