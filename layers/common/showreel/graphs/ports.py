"""The port between runs of graphs and kinds of nodes.

A run resolves a node's inputs and asks its `Executor` to begin. What needs no job, such as a text
in the graph, is an `Output` at once. All else is a `JobOrder`, of which the run makes a generation
job with the run's hold, the node's time limit and cancel; when it is completed the run asks the
executor for the `Output`. An executor moves no credits and writes no rows.
"""

from dataclasses import dataclass
from typing import Protocol

from showreel.core.models import FrozenModel
from showreel.generation.models import Job, Wanted
from showreel.graphs.cache_key import Resolved
from showreel.graphs.models import Artifact, Step


class Output(FrozenModel):
    """The output of a node: one artifact, or several in order."""

    artifacts: tuple[Artifact, ...]
    model: str | None = None
    """The model that really made it, if one did."""
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
    """A node with its resolved inputs."""

    step: Step
    inputs: Resolved
    workspace_id: str
    project_id: str
    run_id: str
    public_base_url: str


class Executor(Protocol):
    """Carries out one kind of node."""

    def begin(self, call: NodeCall) -> Output | JobOrder:
        """Returns the output, or the order of a job. Asks no vendor and reads no media. Raises
        AppError, whose code is shown, for inputs that can't be used, or Transient.
        """

    def output(self, call: NodeCall, job: Job) -> Output:
        """Returns the output of the node's completed job. Raises as `begin`."""


class Executors(Protocol):
    """The type of `showreel.graphs.nodes.executor_of`."""

    def __call__(self, step: Step) -> Executor:
        """Returns the executor of a step. Raises KeyError for a kind that never runs."""
