"""A run as one look sees it: its nodes' outputs, which have ended, and which may begin.

Writes nothing to rows: `record` writes what it finds, and `making` begins nodes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from showreel.core.errors import AppError, Transient
from showreel.graphs.cache_key import cache_key, resolve
from showreel.graphs.nodes import executor_of
from showreel.graphs.ports import JobOrder, NodeCall, Output
from showreel.graphs.runs.cache import Cache, cache_of
from showreel.graphs.runs.models import NodeResult, RunPlan, Standing
from showreel.graphs.runs.rows import plan_of, rows_of
from showreel.graphs.schedule import SKIPPED, NodeStatus, ready, to_skip
from showreel.runs.models import Run

SKIPPED_CODE = "upstream_failed"


@dataclass(frozen=True)
class ReadyNode:
    """A node that may begin: its order, and the key of its output in the cache."""

    node_id: str
    order: JobOrder
    key: str


@dataclass
class Walk:
    """A run as it was read, brought forward by results."""

    run: Run
    plan: RunPlan
    standing: Standing
    statuses: dict[str, NodeStatus]
    _outputs: dict[str, Output] = field(default_factory=dict)
    _ready: dict[str, ReadyNode] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run) -> "Walk":
        """Returns a walk from the run's present state. Raises NotFound."""
        plan, standing = plan_of(run.id), Standing.of(run)
        return cls(run, plan, standing, standing.statuses(plan))

    @property
    def cache(self) -> Cache:
        """The cache of the workspace."""
        return cache_of(self.plan.workspace_id)

    @property
    def running(self) -> list[str]:
        """The nodes that have a job."""
        return [one for one in self.plan.order if self.statuses[one] == "running"]

    def apply(self, results: Iterable[NodeResult]) -> None:
        """Takes these results as the nodes' new state."""
        for result in results:
            self.statuses[result.node_id] = result.status
            if result.output is not None:
                self._outputs[result.node_id] = result.output

    def cascade(self) -> list[NodeResult]:
        """Returns the nodes that end without a job, repeatedly as each may let others end: skipped
        ones, texts in the graph, and cached ones.
        """
        found: list[NodeResult] = []
        while news := [*self._skipped(), *self._at_once()]:
            self.apply(news)
            found += news
        return found

    def candidates(self) -> list[ReadyNode]:
        """Returns the nodes to begin, the highest rank first."""
        return sorted(self._ready.values(), key=lambda one: -self.plan.ranks[one.node_id])

    def call(self, node_id: str) -> NodeCall:
        """Returns a node with its resolved inputs. Raises InvalidInput `text_too_long`."""
        step = self.plan.nodes[node_id].step
        given = {parent: self._output(parent).artifacts for parent in step.parents}
        return NodeCall(
            step=step,
            inputs=resolve(step, given),
            workspace_id=self.plan.workspace_id,
            project_id=self.plan.project_id,
            run_id=self.run.id,
            public_base_url=self.plan.public_base_url,
        )

    def load(self, node_ids: Iterable[str]) -> None:
        """Reads the outputs that these nodes need, in one batch."""
        parents = {one for node_id in node_ids for one in self.plan.schedule.parents[node_id]}
        missing = [self.plan.indexes[one] for one in sorted(parents - self._outputs.keys())]
        self.apply(rows_of(self.run.id).some(missing) if missing else ())

    def result(self, node_id: str, status: NodeStatus, **more: object) -> NodeResult:
        """Returns the result of a node."""
        index = self.plan.indexes[node_id]
        return NodeResult.model_validate(
            {"index": index, "node_id": node_id, "status": status} | more
        )

    def refused(self, node_id: str, error: AppError) -> NodeResult:
        """Returns the failure of a node with unusable inputs. Raises the error if it is a 5xx."""
        if error.status >= 500:
            raise error
        return self.result(node_id, "failed", code=error.code, error=error.message)

    def _output(self, node_id: str) -> Output:
        if node_id not in self._outputs:
            self.apply(rows_of(self.run.id).some([self.plan.indexes[node_id]]))
        return self._outputs[node_id]

    def _skipped(self) -> list[NodeResult]:
        stopped = to_skip(self.plan.schedule, self.statuses)
        return [self.result(one, "skipped", code=SKIPPED_CODE, error=SKIPPED) for one in stopped]

    def _at_once(self) -> list[NodeResult]:
        new = [one for one in ready(self.plan.schedule, self.statuses) if one not in self._ready]
        self.load(new)
        results = [result for one in new if (result := self._began(one)) is not None]
        return [*results, *self._kept(new)]

    def _began(self, node_id: str) -> NodeResult | None:
        """Returns the result of a node that needs no job, None for one that is ready to begin."""
        hit = self.plan.nodes[node_id].hit
        if hit is not None:
            return self.result(node_id, "succeeded", output=hit, cached=True)
        try:
            call = self.call(node_id)
            begun = executor_of(call.step).begin(call)
        except Transient:
            raise
        except AppError as error:
            return self.refused(node_id, error)
        if isinstance(begun, Output):
            return self.result(node_id, "succeeded", output=begun, processing_time_ms=0)
        self._ready[node_id] = ReadyNode(node_id, begun, cache_key(call.step, call.inputs))
        return None

    def _kept(self, node_ids: Sequence[str]) -> Iterator[NodeResult]:
        """Yields the results of those nodes that are in the cache by now."""
        asked = {one: self._ready[one].key for one in node_ids if one in self._ready}
        if not self.plan.use_cache or not asked:
            return
        found = self.cache.find(asked.values())
        for node_id, key in asked.items():
            if key in found:
                del self._ready[node_id]
                yield self.result(node_id, "succeeded", output=found[key], cached=True)
