"""Models of a graph's run: its frozen plan, and how each node stands."""

import functools
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from showreel.core.ids import derived_id
from showreel.core.models import FrozenModel
from showreel.graphs.models import Step
from showreel.graphs.ports import Output
from showreel.graphs.schedule import NodeStatus, Plan, ranks
from showreel.runs.models import Run

EndStatus = Literal["succeeded", "failed", "skipped", "canceled"]
LETTERS: Mapping[NodeStatus, str] = {
    "pending": "p",
    "running": "r",
    "succeeded": "d",
    "failed": "f",
    "skipped": "s",
    "canceled": "x",
}
STATUSES: Mapping[str, NodeStatus] = {letter: status for status, letter in LETTERS.items()}


class PlannedStep(FrozenModel):
    """A node of a run."""

    step: Step
    credits: int = 0
    """The most credits that it can cost, which are held for it."""
    seconds: float = 0.0
    """The estimated time that it takes."""
    hit: Output | None = None
    """The output that the cache had when the run began; it is used, as nothing is held for it."""


class RunPlan(FrozenModel):
    """The frozen plan of a run; every step comes after those that it needs."""

    run_id: str
    workspace_id: str
    project_id: str
    public_base_url: str
    use_cache: bool
    concurrency: int
    """How many nodes may run at once."""
    steps: tuple[PlannedStep, ...]

    @property
    def credits(self) -> int:
        """The credits that are held for the run."""
        return sum(planned.credits for planned in self.steps)

    @functools.cached_property
    def order(self) -> tuple[str, ...]:
        """The nodes' ids; the position of one is its index."""
        return tuple(planned.step.node_id for planned in self.steps)

    @functools.cached_property
    def nodes(self) -> Mapping[str, PlannedStep]:
        """The nodes by id."""
        return dict(zip(self.order, self.steps, strict=True))

    @functools.cached_property
    def indexes(self) -> Mapping[str, int]:
        """The index of each node."""
        return {node_id: index for index, node_id in enumerate(self.order)}

    @functools.cached_property
    def schedule(self) -> Plan:
        """The dependencies between nodes."""
        return Plan({node_id: tuple(self.nodes[node_id].step.parents) for node_id in self.order})

    @functools.cached_property
    def ranks(self) -> Mapping[str, float]:
        """The rank of each node: the ready one with the highest goes first."""
        return ranks(self.schedule, {one: self.nodes[one].seconds for one in self.order})

    def job_id(self, node_id: str, tries: int) -> str:
        """Returns the id of the job of a node's try, always the same."""
        return derived_id(self.run_id, "node", node_id, str(tries))


class NodeResult(FrozenModel):
    """How a node ended."""

    index: int
    node_id: str
    status: EndStatus
    output: Output | None = None
    code: str | None = None
    error: str | None = None
    cached: bool = False
    """Whether the output is of an earlier run, or of another one at the same time."""
    credits: int = 0
    job_id: str | None = None
    processing_time_ms: int | None = None


class Standing(FrozenModel):
    """The state of a run's nodes in its row: a letter each, and more only for running ones."""

    letters: str
    tries: dict[str, int] = Field(default_factory=dict)
    """How often each node has been tried again."""
    reported: dict[str, int] = Field(default_factory=dict)
    """The progress in the last event of each running node, in percent."""
    cached: int = 0
    is_closed: bool = False
    """Whether the run is being ended, so that no more nodes begin."""

    @classmethod
    def new(cls, nodes: int) -> "Standing":
        """Returns the state of a run that has not begun."""
        return cls(letters=LETTERS["pending"] * nodes)

    @classmethod
    def of(cls, run: Run) -> "Standing":
        """Returns the state in the run's row."""
        return cls.model_validate(run.state)

    def statuses(self, plan: RunPlan) -> dict[str, NodeStatus]:
        """Returns the status of every node."""
        known = (STATUSES[letter] for letter in self.letters)
        return dict(zip(plan.order, known, strict=True))

    def count(self, status: NodeStatus) -> int:
        """Returns how many nodes have a status."""
        return self.letters.count(LETTERS[status])

    def job_id(self, plan: RunPlan, node_id: str) -> str:
        """Returns the job id of a running node."""
        return plan.job_id(node_id, self.tries.get(node_id, 0))

    def marked(self, changes: Mapping[int, NodeStatus], **more: Any) -> "Standing":
        """Returns the state with these nodes' statuses changed."""
        letters = list(self.letters)
        for index, status in changes.items():
            letters[index] = LETTERS[status]
        return self.model_copy(update={"letters": "".join(letters), **more})
