"""Executors of the kinds of nodes, behind the port in `graphs.ports`.

words      texts that stand in the graph, and Output nodes
modelled   nodes that a model of the catalogue makes
operated   FFmpeg's operations on media
uploaded   media from URLs
results    a job's results as artifacts
"""

from collections.abc import Mapping

from showreel.graphs.kinds import is_run
from showreel.graphs.models import Step
from showreel.graphs.nodes.modelled import Modelled
from showreel.graphs.nodes.operated import Operated
from showreel.graphs.nodes.uploaded import Uploaded
from showreel.graphs.nodes.words import Shown, Words
from showreel.graphs.ports import Executor

__all__ = ["executor_of"]


def executor_of(step: Step) -> Executor:
    """Returns the executor of a step. Raises KeyError for a kind that never runs."""
    if not is_run(step.kind):
        raise KeyError(step.kind)
    if step.operation is not None:
        return Operated()
    if step.model_id is not None:
        return Modelled()
    return _OTHERS.get(step.kind, Words())


_OTHERS: Mapping[str, Executor] = {"Upload": Uploaded(), "Output": Shown()}
