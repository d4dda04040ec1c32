"""Estimates a run of a graph: credits, time, and what the cache has."""

from collections.abc import Collection

from showreel.graphs.check import RunSteps
from showreel.graphs.prices import price_of
from showreel.graphs.responses import GraphEstimate, NodeEstimate
from showreel.graphs.schedule import critical_path, makespan


def estimate(
    run: RunSteps, project_id: str, revision: int, cached: Collection[str], concurrency: int
) -> GraphEstimate:
    """Returns the estimate of a run in which the nodes `cached` come from the cache."""
    nodes = [_node(run, node_id, is_cached=node_id in cached) for node_id in run.plan.order]
    seconds = {node.node_id: node.seconds for node in nodes}
    longest = critical_path(run.plan, seconds)
    return GraphEstimate(
        project_id=project_id,
        revision=revision,
        credits=sum(node.credits for node in nodes),
        seconds=round(makespan(run.plan, seconds, concurrency), 1),
        critical_path=longest.model_copy(update={"seconds": round(longest.seconds, 1)}),
        cached_nodes=len(cached),
        total_nodes=len(nodes),
        nodes=tuple(nodes),
    )


def _node(run: RunSteps, node_id: str, *, is_cached: bool) -> NodeEstimate:
    step = run.steps[node_id]
    price = price_of(step)
    return NodeEstimate(
        node_id=node_id,
        kind=step.kind,
        operation=step.operation,
        model=step.model_id,
        output=step.output,
        cached=is_cached,
        credits=0 if is_cached else price.credits,
        seconds=0.0 if is_cached else price.seconds,
    )
