"""What a run of a graph asks of a kind of node, and what flows over its edges.

A run resolves a node's inputs and asks its kind's `Executor` to begin. What is there at once, such
as a text that the node holds, is an `Output`. All else is an `Order`: the run makes a job of the
one engine of it, with the run's hold, the node's time limit and cancel, and asks the executor for
the `Output` when the job is completed. An executor moves no money and writes no row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from showreel.core.models import FrozenModel
from showreel.generation.models import Job, Wanted

ValueType = Literal["text", "image", "video", "audio", "data"]


class Value(FrozenModel):
    """One thing that an edge carries: words, an object of our bucket, or plain data."""

    type: ValueType
    text: str | None = None
    """Of `text`; of `data` as canonical JSON."""
    key: str | None = None
    """The object, of all that is media."""
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None


class Output(FrozenModel):
    """What a node gives: by output handle, one value or several in their order."""

    values: Mapping[str, tuple[Value, ...]]
    model: str | None = None
    """What has really made it, where a model has."""
    fallback_reason: str | None = None


class Order(FrozenModel):
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

    node_id: str
    kind: str
    """The canonical name of the kind."""
    params: Mapping[str, Any]
    """The node's parameters, templates filled in."""
    inputs: Mapping[str, tuple[Value, ...]]
    """By input handle: what its edges carry in their order, else `params.inputs`; coerced to what
    the handle takes.
    """
    workspace_id: str
    project_id: str
    run_id: str


class Executor(Protocol):
    """One kind of node."""

    def begin(self, call: NodeCall) -> Output | Order:
        """Returns the output, or what makes it. Returns at once: no vendor is asked, no media is
        read. Raises AppError (its code is shown) for inputs that can't be used, or Transient.
        """

    def output(self, call: NodeCall, job: Job) -> Output:
        """Returns the output of the node's completed job. Raises as `begin`."""


class Executors(Protocol):
    """Every kind's executor: `showreel.graphs.nodes.executor_of`."""

    def __call__(self, kind: str, params: Mapping[str, Any]) -> Executor:
        """Returns the executor of a node. Raises KeyError for a kind that never runs."""
