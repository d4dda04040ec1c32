"""Graphs as a kind of run: what `showreel.runs` calls to stop, settle and show them."""

import contextlib
from dataclasses import dataclass
from typing import Any

from pydantic.alias_generators import to_camel

from showreel.core.clock import now_seconds
from showreel.core.errors import Transient
from showreel.core.observability import count
from showreel.core.settings import ComputeGraphMachine, GraphLimits, settings
from showreel.generation.engine import engine
from showreel.generation.service import cancel_job
from showreel.graphs.runs.making import look
from showreel.graphs.runs.models import Standing
from showreel.graphs.runs.record import Raced, closed, record
from showreel.graphs.runs.rows import plan_of
from showreel.graphs.runs.view import GraphRunView, counts_of, graph_runs, graph_view
from showreel.graphs.runs.wake import wake_all
from showreel.graphs.runs.walk import Walk
from showreel.graphs.schedule import final_status
from showreel.runs.kinds import RunLimits, Settlement
from showreel.runs.lifecycle import Lifecycle, lifecycle
from showreel.runs.models import Ending, Run, failed

LOOKS = 10
"""How often a run that is being ended is read again because its execution still changes it."""


@dataclass(frozen=True)
class GraphRuns:
    """See `showreel.runs.kinds.RunKind`."""

    name: str = "graph"

    @property
    def state_machine(self) -> str:
        """The ARN of the state machine ComputeGraph."""
        name: str = settings(ComputeGraphMachine).compute_graph_state_machine
        return name

    @property
    def limits(self) -> RunLimits:
        """How many graphs may run at once, per workspace and in all."""
        config = settings(GraphLimits)
        return RunLimits(per_workspace=config.graphs_per_workspace, in_all=config.runs_global)

    def view(self, run: Run) -> GraphRunView:
        """Returns the run with its project and counts."""
        return graph_view(run)

    def stop_children(self, run: Run, function_arn: str) -> None:
        """Stops nodes from beginning, and cancels the jobs of those that run."""
        plan, standing = plan_of(run.id), Standing.of(closed(run))
        statuses = standing.statuses(plan)
        for node_id in plan.order:
            if statuses[node_id] == "running":
                cancel_job(standing.job_id(plan, node_id), function_arn)

    def settle(self, run: Run, ending: Ending) -> Settlement:
        """Returns the counts, after recording late deliveries, which are paid for."""
        now = _recorded(run)
        canceled = ending.status == "canceled"
        statuses = Standing.of(now).statuses(plan_of(run.id))
        output: dict[str, Any] = {"status": final_status(statuses, is_canceled=canceled)}
        counts = {to_camel(name): number for name, number in counts_of(now).items()}
        return Settlement(
            output=output | {"projectId": run.subject_id} | counts,
            then=lambda ended: count("GraphEnded", status=ended.status),
        )

    def waits_for_us(self, run: Run) -> bool:
        """Returns whether no job is overdue: each is made or within its deadline."""
        plan, standing = plan_of(run.id), Standing.of(run)
        statuses = standing.statuses(plan)
        running = (standing.job_id(plan, one) for one in plan.order if statuses[one] == "running")
        return all(job.is_in_time(now_seconds()) for job in engine().jobs.some(running).values())

    def failure(self, run: Run) -> Ending:
        """Returns the ending of a run that has stopped, from its nodes' statuses."""
        standing = Standing.of(run)
        total, made = len(standing.letters), standing.count("succeeded")
        left = standing.count("pending") + standing.count("running")
        if left:
            return failed("internal_error", f"{left} of {total} nodes were not run")
        if not made and total:
            return failed("nodes_failed", "None of the nodes succeeded")
        return Ending("completed", f"{made} of {total} nodes succeeded")


def _recorded(run: Run) -> Run:
    """Records what the running nodes' jobs have delivered, and the others as canceled. Final,
    because the run's hold is closed. Raises Transient.
    """
    for _ in range(LOOKS):
        walk = Walk.of(graph_runs().get(run.id))
        if walk.run.is_over or not walk.running:
            return walk.run
        found = look(walk, engine(), is_ending=True)
        wake_all(found.waiting_runs)
        with contextlib.suppress(Raced):
            record(walk, found.results, is_ending=True)
    raise Transient("the run is being moved on by another process")


GRAPHS = GraphRuns()


def graphs(function_arn: str) -> Lifecycle:
    """Returns the runs of graphs. `function_arn` is the calling function's own."""
    return lifecycle(function_arn, GRAPHS)
