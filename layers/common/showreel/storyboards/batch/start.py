"""Begins a run of a phase, or finds the one that is going on. Plan, run, queue entry, the run's id
on the project and the claim of the caller's key are one transaction, so of two calls at once one
begins a run and the other finds it, and nothing is queued twice.
"""

from dataclasses import dataclass, replace

from showreel.core.clock import now_iso
from showreel.core.errors import Transient
from showreel.core.ids import new_id
from showreel.edge.limits import take_order
from showreel.orders.workspace import require_credits
from showreel.runs.claims import Claim, Claims, Key
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import Run
from showreel.storyboards.access import storyboards
from showreel.storyboards.batch import context
from showreel.storyboards.batch.kind import BATCHES, batches
from showreel.storyboards.batch.models import BatchPhase, BatchPlan
from showreel.storyboards.batch.selection import Selection, select
from showreel.storyboards.generations.choice import ModelChoice
from showreel.storyboards.models import StoryboardRow

ATTEMPTS = 20
SPARE_SECONDS = 1800
MOST_SECONDS = 6 * 86_400
"""The state machine times out a day later."""


@dataclass(frozen=True)
class BatchOrder:
    """What is asked for: a phase of a project, by a model."""

    project: StoryboardRow
    phase: BatchPhase
    choice: ModelChoice
    user_id: str

    @property
    def run_field(self) -> str:
        """The project's attribute with the id of the phase's latest run."""
        return f"{self.phase}_run_id"


@dataclass(frozen=True)
class Started:
    """The run that makes the shots, None without any to make, and what was queued for it."""

    run_id: str | None
    selection: Selection
    is_new: bool = False


def start(order: BatchOrder, base_url: str, function_arn: str, key: Key | None = None) -> Started:
    """Begins a run, or finds the one that is going on or that the same key has begun.

    Raises InsufficientCredits if not even the first shot can be paid, RateLimited,
    IdempotencyMismatch, and what `select` raises.
    """
    on = batches(function_arn)
    for _ in range(ATTEMPTS):
        met = _claimed(order, key) or _met(order) or _begin(on, order, base_url, key)
        if met is not None:
            if met.run_id is not None:
                on.dispatch(BATCHES, [order.project.workspace_id])
            return met
        project = storyboards().project(order.project.id)
        order = replace(order, project=project)
    raise Transient("the project is being changed by too many others")


def concurrency_of(phase: BatchPhase) -> int:
    """Returns how many shots of a run may be at the vendor at once."""
    config = context.config()
    return config.image_concurrency if phase == "images" else config.video_concurrency


def _claimed(order: BatchOrder, key: Key | None) -> Started | None:
    """Returns the run that the key has begun, with its shots; None if there is none."""
    claim = None if key is None else Claims(context.runs_table()).find(key)
    if claim is None:
        return None
    plan = context.rows(claim.run_id).plan()
    now = select(order.project, order.phase, order.choice, is_busy=True)
    queued = now.of_run(plan.shot_ids, plan.estimated_credits)
    return Started(claim.run_id, queued, is_new=True)


def _met(order: BatchOrder) -> Started | None:
    """Returns the project's run of the phase, None if there is none or it is over."""
    run_id = getattr(order.project, order.run_field)
    run = context.runs().find(run_id) if run_id else None
    if run is None or run.is_over:
        return None
    return Started(run.id, select(order.project, order.phase, order.choice, is_busy=True))


def _begin(on: Lifecycle, order: BatchOrder, base_url: str, key: Key | None) -> Started | None:
    """Begins a run. Returns None if another request was faster and all must be read again."""
    selection = select(order.project, order.phase, order.choice, is_busy=False)
    if not selection.shot_ids:
        return Started(None, selection)
    take_order(order.user_id)
    require_credits(order.project.workspace_id, selection.first_credits)
    plan = _plan(order, selection)
    seen = getattr(order.project, order.run_field)
    writes = [
        storyboards().note_run_write(order.project.id, order.run_field, plan.run_id, seen),
        context.rows(plan.run_id).plan_write(plan),
    ]
    if key is not None:
        claims = Claims(context.runs_table())
        writes.append(claims.write(key, Claim(plan.run_id, is_new=True)))
    if not on.begin(_run(order, plan, base_url), writes):
        return None
    return Started(plan.run_id, selection, is_new=True)


def _plan(order: BatchOrder, selection: Selection) -> BatchPlan:
    return BatchPlan(
        run_id=new_id("run"),
        project_id=order.project.id,
        phase=order.phase,
        model=order.choice.model.id,
        requested_model=order.choice.requested,
        fallback_reason=order.choice.reason,
        concurrency=concurrency_of(order.phase),
        estimated_credits=selection.estimated_credits,
        shot_ids=tuple(selection.shot_ids),
    )


def _run(order: BatchOrder, plan: BatchPlan, base_url: str) -> Run:
    config, total = context.config(), len(plan.shot_ids)
    each = config.generation_timeout_seconds + config.late_result_seconds
    return Run(
        id=plan.run_id,
        kind=BATCHES.name,
        workspace_id=order.project.workspace_id,
        subject_id=plan.project_id,
        options={"phase": plan.phase, "total": total},
        public_base_url=base_url,
        limit_seconds=min(MOST_SECONDS, SPARE_SECONDS + total * each),
        created_at=now_iso(),
    )
