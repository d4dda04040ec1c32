"""Begins runs for `POST /functions/v1/compute-execute`, in one transaction.

The hold, the run with its first event, its place in the queue and the claim of the request's id are
written together or not at all. The plan is written before; if the run isn't, the plan is never read
and expires.
"""

import contextlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

from showreel.core.clock import now_iso
from showreel.core.dynamo import Table
from showreel.core.errors import Transient
from showreel.core.ids import new_id
from showreel.core.settings import GenerationTimes, GraphLimits, RunsTable, settings
from showreel.graphs.models import Step
from showreel.graphs.ports import Output
from showreel.graphs.prices import StepPrice
from showreel.graphs.runs.kind import GRAPHS, graphs
from showreel.graphs.runs.models import PlannedStep, RunPlan, Standing
from showreel.graphs.runs.rows import rows_of
from showreel.graphs.runs.walk import Walk
from showreel.graphs.schedule import levels
from showreel.runs.claims import Claim, Claims, Key
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import BegunRun, Run, RunCredits

ATTEMPTS = 5
SPARE_SECONDS = 1800
MOST_SECONDS = 11 * 3600
"""The state machine times out an hour later."""


@dataclass(frozen=True)
class GraphOrder:
    """A request for a run of these steps, each after those that it needs."""

    workspace_id: str
    project_id: str
    steps: Mapping[str, Step]
    prices: Mapping[str, StepPrice]
    use_cache: bool
    request_id: str


def find(function_arn: str, key: Key) -> BegunRun | None:
    """Returns the run of an earlier request, None without one. Raises IdempotencyMismatch."""
    claim = _claims().find(key)
    return None if claim is None else _met(graphs(function_arn), claim)


def begin(order: GraphOrder, key: Key, base_url: str, function_arn: str) -> BegunRun:
    """Begins a run, or finds the one that the key stands for.

    Raises InsufficientCredits, SpendCapReached, IdempotencyMismatch, RateLimited and Transient.
    """
    on, claims = graphs(function_arn), _claims()
    run, plan = _planned(order, base_url)
    rows_of(run.id).put_plan(plan)
    for _ in range(ATTEMPTS):
        claim = Claim(run.id, is_new=True)
        if on.begin(run, [claims.write(key, claim)]):
            return _met(on, claim)
        earlier = claims.find(key)
        if earlier is not None:
            return _met(on, Claim(earlier.run_id, is_new=earlier.run_id == run.id))
    raise Transient("the queue is being changed by too many others")


def _met(on: Lifecycle, claim: Claim) -> BegunRun:
    run = on.runs.get(claim.run_id)
    if run.status == "queued":
        with contextlib.suppress(Transient):  # the sweep starts it within a minute
            on.dispatch(GRAPHS, [run.workspace_id])
    return BegunRun(run, claim.is_new)


def _claims() -> Claims:
    return Claims(Table(settings(RunsTable).runs_table))


def cached_nodes(order: GraphOrder, base_url: str) -> frozenset[str]:
    """Returns the nodes that would be taken from the cache."""
    plan = _plan(order, base_url)
    return frozenset(_hits(_run(order, plan, base_url), plan))


def _planned(order: GraphOrder, base_url: str) -> tuple[Run, RunPlan]:
    """Returns a new run and its plan, with the cached outputs filled in."""
    plan = _plan(order, base_url)
    run = _run(order, plan, base_url)
    hits = _hits(run, plan)
    steps = (
        planned.model_copy(update={"hit": hits[node_id], "credits": 0, "seconds": 0.0})
        if node_id in hits
        else planned
        for node_id, planned in plan.nodes.items()
    )
    plan = RunPlan(**plan.model_dump(exclude={"steps"}), steps=tuple(steps))
    held = {"credits": RunCredits(held=plan.credits), "hold_id": run.id if plan.credits else None}
    return run.model_copy(update=held), plan


def _plan(order: GraphOrder, base_url: str) -> RunPlan:
    return RunPlan(
        run_id=new_id("run"),
        workspace_id=order.workspace_id,
        project_id=order.project_id,
        public_base_url=base_url,
        use_cache=order.use_cache,
        concurrency=settings(GraphLimits).node_concurrency,
        steps=tuple(_step(step, order.prices[one]) for one, step in order.steps.items()),
    )


def _hits(run: Run, plan: RunPlan) -> dict[str, Output]:
    """Returns the nodes' cached outputs."""
    found = _foreseen(run, plan).cascade()
    return {one.node_id: one.output for one in found if one.cached and one.output is not None}


def _foreseen(run: Run, plan: RunPlan) -> Walk:
    """Returns a walk through a run that hasn't begun, to see what it has without any job."""
    standing = Standing.new(len(plan.steps))
    return Walk(run, plan, standing, standing.statuses(plan))


def _step(step: Step, price: StepPrice) -> PlannedStep:
    return PlannedStep(step=step, credits=price.credits, seconds=price.seconds)


def _run(order: GraphOrder, plan: RunPlan, base_url: str) -> Run:
    return Run(
        id=plan.run_id,
        kind=GRAPHS.name,
        workspace_id=order.workspace_id,
        subject_id=order.project_id,
        options={"request_id": order.request_id, "use_cache": order.use_cache},
        state=Standing.new(len(plan.steps)).model_dump(),
        public_base_url=base_url,
        limit_seconds=_limit_seconds(plan),
        created_at=now_iso(),
    )


def _limit_seconds(plan: RunPlan) -> int:
    """Returns the run's time limit in seconds: the longest node's time for each level and each turn
    of places, and some spare.
    """
    late: int = settings(GenerationTimes).late_result_seconds
    each = max((late + one.step.timeout_seconds) * (1 + one.step.retries) for one in plan.steps)
    turns = len(levels(plan.schedule)) + math.ceil(len(plan.steps) / plan.concurrency)
    return min(MOST_SECONDS, SPARE_SECONDS + turns * each)
