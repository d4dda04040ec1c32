"""A run of a graph: its frozen plan, and what became of each node."""

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
    """The most that it costs: what is held for it."""
    seconds: float = 0.0
    """How long it takes, as far as that is known before."""
    hit: Output | None = None
    """What the cache had when the run began: nothing is held for it, so that is what counts."""


class RunPlan(FrozenModel):
    """What a run is to do; never changed. Every step stands after those that it needs."""

    run_id: str
    workspace_id: str
    project_id: str
    public_base_url: str
    use_cache: bool
    concurrency: int
    """How many nodes run at once."""
    steps: tuple[PlannedStep, ...]

    @property
    def credits(self) -> int:
        """What is held for the run."""
        return sum(planned.credits for planned in self.steps)

    @functools.cached_property
    def order(self) -> tuple[str, ...]:
        """The nodes' ids. A node's place here is its index."""
        return tuple(planned.step.node_id for planned in self.steps)

    @functools.cached_property
    def nodes(self) -> Mapping[str, PlannedStep]:
        """The nodes by their ids."""
        return dict(zip(self.order, self.steps, strict=True))

    @functools.cached_property
    def indexes(self) -> Mapping[str, int]:
        """Where each node stands."""
        return {node_id: index for index, node_id in enumerate(self.order)}

    @functools.cached_property
    def schedule(self) -> Plan:
        """Which node needs which."""
        return Plan({node_id: tuple(self.nodes[node_id].step.parents) for node_id in self.order})

    @functools.cached_property
    def ranks(self) -> Mapping[str, float]:
        """How much lies behind each node: the highest goes first."""
        return ranks(self.schedule, {one: self.nodes[one].seconds for one in self.order})

    def job_id(self, node_id: str, tries: int) -> str:
        """Returns the job of a node's try, the same whenever it is asked."""
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
    """Whether it is of an earlier run, or of another one at the same time."""
    credits: int = 0
    job_id: str | None = None
    processing_time_ms: int | None = None


class Standing(FrozenModel):
    """What the run's row remembers of its nodes: a letter each, and little about those that run."""

    letters: str
    tries: dict[str, int] = Field(default_factory=dict)
    """By node: how often it has been tried again."""
    told: dict[str, int] = Field(default_factory=dict)
    """By running node: the progress that was told last."""
    cached: int = 0
    is_closed: bool = False
    """Whether the run is being ended: no more nodes begin."""

    @classmethod
    def new(cls, nodes: int) -> "Standing":
        """Returns the state of a run that has not begun."""
        return cls(letters=LETTERS["pending"] * nodes)

    @classmethod
    def of(cls, run: Run) -> "Standing":
        """Returns what the run's row says."""
        return cls.model_validate(run.state)

    def statuses(self, plan: RunPlan) -> dict[str, NodeStatus]:
        """Returns every node's status."""
        known = (STATUSES[letter] for letter in self.letters)
        return dict(zip(plan.order, known, strict=True))

    def count(self, status: NodeStatus) -> int:
        """Returns how many nodes have a status."""
        return self.letters.count(LETTERS[status])

    def job_id(self, plan: RunPlan, node_id: str) -> str:
        """Returns the job of a running node."""
        return plan.job_id(node_id, self.tries.get(node_id, 0))

    def marked(self, changes: Mapping[int, NodeStatus], **more: Any) -> "Standing":
        """Returns it with other statuses at these indexes."""
        letters = list(self.letters)
        for index, status in changes.items():
            letters[index] = LETTERS[status]
        return self.model_copy(update={"letters": "".join(letters), **more})
