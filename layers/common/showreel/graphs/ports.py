"""What a run of a graph asks of a kind of node.

A run resolves a node's inputs and asks its `Executor` to begin. What is there at once, such as a
text that the node holds, is an `Output`. All else is a `JobOrder`: the run makes a job of the one
engine of it, with the run's hold, the node's time limit and cancel, and asks the executor for the
`Output` when the job is completed. An executor moves no money and writes no row.
"""

from dataclasses import dataclass
from typing import Protocol

from showreel.core.models import FrozenModel
from showreel.generation.models import Job, Wanted
from showreel.graphs.cache_key import Resolved
from showreel.graphs.models import Artifact, Step


class Output(FrozenModel):
    """What a node gives: one artifact, or several in their order."""

    artifacts: tuple[Artifact, ...]
    model: str | None = None
    """What has really made it, where a model has."""
    fallback_reason: str | None = None


class JobOrder(FrozenModel):
    """What is to be made by a job of the engine."""

    catalogue_id: str
    wanted: Wanted
    requested_model: str | None = None
    fallback_reason: str | None = None
    output_prefix: str = "project-assets"
    may_be_any_media: bool = False
    may_be_data: bool = False


@dataclass(frozen=True)
class NodeCall:
    """One node whose inputs are there."""

    step: Step
    inputs: Resolved
    workspace_id: str
    project_id: str
    run_id: str
    public_base_url: str


class Executor(Protocol):
    """One kind of node."""

    def begin(self, call: NodeCall) -> Output | JobOrder:
        """Returns the output, or what makes it. Returns at once: no vendor is asked, no media is
        read. Raises AppError (its code is shown) for inputs that can't be used, or Transient.
        """

    def output(self, call: NodeCall, job: Job) -> Output:
        """Returns the output of the node's completed job. Raises as `begin`."""


class Executors(Protocol):
    """`showreel.graphs.nodes.executor_of`."""

    def __call__(self, step: Step) -> Executor:
        """Returns the executor of a step. Raises KeyError for a kind that never runs."""
