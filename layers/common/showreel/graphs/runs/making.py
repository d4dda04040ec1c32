"""The jobs of a run's nodes: reads their results and begins new ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched

from showreel.core.clock import now, now_seconds
from showreel.core.errors import AppError
from showreel.core.settings import GenerationTimes, settings
from showreel.generation.engine import Engine
from showreel.generation.models import Job, JobRequest, Subject, Terms
from showreel.generation.service import new_job
from showreel.generation.turns import begin
from showreel.generation.verdicts import code_of, progress, text_of
from showreel.graphs.cache_key import cache_key
from showreel.graphs.nodes import executor_of
from showreel.graphs.ports import JobOrder
from showreel.graphs.runs.cache import MadeBy, Maker
from showreel.graphs.runs.models import NodeResult
from showreel.graphs.runs.record import (
    PROGRESS,
    STATUS,
    Raced,
    begin_nodes,
    record,
    record_progress,
)
from showreel.graphs.runs.view import graph_runs
from showreel.graphs.runs.wake import SUBJECT, wake_all
from showreel.graphs.runs.walk import ReadyNode, Walk
from showreel.runs.store import NewEvent

KIND = "graph-node"
"""The kind of these jobs, as lists show it."""
AGAIN = frozenset(
    {
        "bad_delivery",
        "internal_error",
        "provider_rate_limited",
        "provider_timeout",
        "provider_upstream",
        "timed_out",
    }
)
"""Failures after which a node is tried again: nothing was made, and its request was right."""
CLAIM_SECONDS = 1800
"""How much longer than its job's deadline a node's claim lasts."""
AT_ONCE = 30
"""The most jobs in one transaction: three of its 100 items each."""
STEP_PERCENT = 5
"""The least progress, in percent, that is worth an event."""
WORDS: Mapping[str, str] = {
    "queued": "Waiting to be sent",
    "submitting": "Being sent to the model",
    "processing": "The model is at work",
    "storing": "The result is being checked and stored",
}


@dataclass
class Found:
    """The state of the jobs of a run's running nodes."""

    results: list[NodeResult] = field(default_factory=list)
    again: list[ReadyNode] = field(default_factory=list)
    """Nodes that failed and are tried once more."""
    going: dict[str, Job] = field(default_factory=dict)
    waiting_runs: set[str] = field(default_factory=set)
    """Runs that wait for an entry that is there now or won't be made."""


def look(walk: Walk, on: Engine, *, is_ending: bool = False) -> Found:
    """Reads the jobs of the running nodes, and caches what is completed. In a run that is being
    ended, nodes whose jobs aren't completed are canceled.
    """
    found, running = Found(), walk.running
    ids = {node_id: walk.standing.job_id(walk.plan, node_id) for node_id in running}
    jobs = on.jobs.some(ids.values())
    ended = [one for one in running if ids[one] not in jobs or jobs[ids[one]].is_finished]
    walk.load(running if is_ending else ended)
    for node_id in running:
        job = jobs.get(ids[node_id])
        if node_id in ended or is_ending:
            _judge(walk, found, node_id, job, is_ending=is_ending)
        elif job is not None:
            found.going[node_id] = job
    return found


def _judge(walk: Walk, found: Found, node_id: str, job: Job | None, *, is_ending: bool) -> None:
    call = walk.call(node_id)
    key, maker = cache_key(call.step, call.inputs), Maker(walk.run.id, node_id)
    executor = executor_of(call.step)
    if job is not None and job.status == "completed":
        try:
            output = executor.output(call, job)
        except AppError as error:
            refused = walk.refused(node_id, error)
            found.results.append(refused.model_copy(update=_paid(job)))
        else:
            walk.cache.keep(key, output, _made_by(walk, call.step.kind, job))
            result = walk.result(node_id, "succeeded", output=output, **_paid(job))
            found.results.append(result)
    elif is_ending:
        found.results.append(walk.result(node_id, "canceled", code="canceled"))
    elif _may_try_again(walk, node_id, job):
        order = executor.begin(call)
        if isinstance(order, JobOrder):
            found.again.append(ReadyNode(node_id, order, key))
            return
    else:
        found.results.append(_failed(walk, node_id, job))
    found.waiting_runs |= walk.cache.release(key, maker)


def _made_by(walk: Walk, kind: str, job: Job) -> MadeBy:
    return MadeBy(
        project_id=walk.plan.project_id,
        public_base_url=walk.plan.public_base_url,
        kind=kind,
        credits=job.credits_debited,
        job_id=job.job_id,
    )


def _may_try_again(walk: Walk, node_id: str, job: Job | None) -> bool:
    tried, step = walk.standing.tries.get(node_id, 0), walk.plan.nodes[node_id].step
    is_passing = job is None or (job.status == "failed" and code_of(job) in AGAIN)
    return is_passing and tried < step.retries


def _failed(walk: Walk, node_id: str, job: Job | None) -> NodeResult:
    if job is None:
        return walk.result(node_id, "failed", code="internal_error", error="The node was lost")
    code = code_of(job)
    text = text_of(code, job.wanted.media_type, "inputs")
    return walk.result(node_id, "failed", code=code, error=text, **_paid(job))


def _paid(job: Job) -> dict[str, object]:
    ended = datetime.fromisoformat(job.finished_at or job.created_at)
    took = ended - datetime.fromisoformat(job.created_at)
    return {
        "credits": job.credits_debited,
        "job_id": job.job_id,
        "processing_time_ms": int(took.total_seconds() * 1000),
    }


def begin_ready(walk: Walk, on: Engine, again: list[ReadyNode]) -> int:
    """Begins nodes that are tried again, then as many ready ones as there are places. Returns how
    many. A node that another run is making waits for it. Raises Raced, Transient.
    """
    jobs: dict[str, Job] = {}
    for node, tries in _chosen(walk, again):
        try:
            jobs[node.node_id] = _job(walk, node, tries)
        except AppError as error:
            refused = walk.refused(node.node_id, error)
            walk.cache.release(node.key, Maker(walk.run.id, node.node_id))
            record(walk, [refused])
            walk.apply([refused])
    for some in batched(jobs.items(), AT_ONCE, strict=False):
        _begin(walk, on, dict(some))
    return len(jobs)


def _chosen(walk: Walk, again: list[ReadyNode]) -> Iterator[tuple[ReadyNode, int]]:
    for node in again:
        yield node, walk.standing.tries.get(node.node_id, 0) + 1
    free = walk.plan.concurrency - len(walk.running)
    for node in walk.candidates():
        if free <= 0:
            return
        if not walk.plan.use_cache or _is_ours(walk, node):
            free -= 1
            yield node, 0


def _is_ours(walk: Walk, node: ReadyNode) -> bool:
    """Returns whether this run makes the node. If another one does, this run is woken when that
    ends. Raises Raced if the entry has been made meanwhile.
    """
    maker, step = Maker(walk.run.id, node.node_id), walk.plan.nodes[node.node_id].step
    until = now_seconds() + step.timeout_seconds + _late_seconds() + CLAIM_SECONDS
    if not walk.cache.claim(node.key, maker, until):
        other = walk.cache.claimant(node.key)
        if other is None or other == walk.run.id or not _is_dead(other):
            return False
        if not walk.cache.take_over(node.key, maker, other, until):
            return False
    if walk.cache.find([node.key]):  # another run made it after our look, and then ended its claim
        wake_all(walk.cache.release(node.key, maker))
        raise Raced
    return True


def _is_dead(run_id: str) -> bool:
    run = graph_runs().find(run_id)
    return run is None or run.is_over


def _job(walk: Walk, node: ReadyNode, tries: int) -> Job:
    """Returns a node's job, at its model's present price, but for no more than is held."""
    planned, plan, run = walk.plan.nodes[node.node_id], walk.plan, walk.run
    deadline = now_seconds() + planned.step.timeout_seconds
    job = new_job(
        JobRequest(
            job_id=plan.job_id(node.node_id, tries),
            workspace_id=plan.workspace_id,
            project_id=plan.project_id,
            kind=KIND,
            catalogue_id=node.order.catalogue_id,
            requested_model=node.order.requested_model,
            fallback_reason=node.order.fallback_reason,
            wanted=node.order.wanted,
            terms=Terms(
                deadline_at_seconds=min(deadline, run.deadline_at or deadline),
                late_seconds=_late_seconds(),
                may_be_any_media=node.order.may_be_any_media,
                may_be_data=node.order.may_be_data,
            ),
            run_id=run.id,
            hold_id=run.hold_id,
            subject=Subject(kind=SUBJECT, id=run.id),
            output_prefix=node.order.output_prefix,
            public_base_url=plan.public_base_url,
        )
    )
    return job.model_copy(update={"credits": min(job.credits, planned.credits)})


def _late_seconds() -> int:
    late: int = settings(GenerationTimes).late_result_seconds
    return late


def _begin(walk: Walk, on: Engine, jobs: Mapping[str, Job]) -> None:
    plan, tries = walk.plan, walk.standing.tries
    again = {one: one in walk.running for one in jobs}
    counts = {one: tries.get(one, 0) + 1 if is_again else 0 for one, is_again in again.items()}
    events = [_begun(walk, one, is_again=is_again) for one, is_again in again.items()]
    writes = [*map(on.jobs.create_write, jobs.values())]
    if walk.run.hold_id is not None:  # nothing is held for free jobs
        writes.append(on.ledger.open_check(plan.workspace_id, walk.run.hold_id))
    begin_nodes(walk, counts, events, writes)
    for job in jobs.values():
        begin(on, job)


def _begun(walk: Walk, node_id: str, *, is_again: bool) -> NewEvent:
    if not is_again:
        return STATUS, {"node_id": node_id, "status": "running", "processing_time_ms": 0}
    percent = walk.standing.reported.get(node_id, 0)
    return PROGRESS, {"node_id": node_id, "progress": percent, "message": "Tried again", "logs": []}


def mend(on: Engine, going: Mapping[str, Job]) -> None:
    """Starts executions of queued jobs, whose writer may have died. Raises Transient."""
    for job in going.values():
        if job.status == "queued":
            begin(on, job)


def report_progress(walk: Walk, going: Mapping[str, Job]) -> None:
    """Writes the progress of nodes that are at least 5 percent further. Raises Raced, Transient."""
    reported, events = dict(walk.standing.reported), list[NewEvent]()
    for node_id, job in going.items():
        percent = progress(job, now())
        if percent < reported.get(node_id, 0) + STEP_PERCENT:
            continue
        reported[node_id] = percent
        shown = {"node_id": node_id, "progress": percent, "message": WORDS[job.shown_status]}
        events.append((PROGRESS, shown | {"logs": list(job.progress.logs)}))
    record_progress(walk, reported, events)
