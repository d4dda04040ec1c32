"""One look at a run: what its nodes give, what has ended meanwhile, and what may begin.

Nothing here is written. What a look finds is written together by `record`, and begun by `begin`.
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
    """A node that may begin: what is to be made, under which key it is kept."""

    node_id: str
    order: JobOrder
    key: str


@dataclass
class Walk:
    """A run as it was read, and on from there."""

    run: Run
    plan: RunPlan
    standing: Standing
    statuses: dict[str, NodeStatus]
    _outputs: dict[str, Output] = field(default_factory=dict)
    _ready: dict[str, ReadyNode] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Run) -> "Walk":
        """Returns a walk from where the run is. Raises NotFound."""
        plan, standing = plan_of(run.id), Standing.of(run)
        return cls(run, plan, standing, standing.statuses(plan))

    @property
    def cache(self) -> Cache:
        """The workspace's entries."""
        return cache_of(self.plan.workspace_id)

    @property
    def running(self) -> list[str]:
        """The nodes that have a job."""
        return [one for one in self.plan.order if self.statuses[one] == "running"]

    def apply(self, results: Iterable[NodeResult]) -> None:
        """Goes on from these results."""
        for result in results:
            self.statuses[result.node_id] = result.status
            if result.output is not None:
                self._outputs[result.node_id] = result.output

    def cascade(self) -> list[NodeResult]:
        """Returns what is over without a job: what can't run, what a node holds itself, and what
        the cache has. Each may let others be so too.
        """
        found: list[NodeResult] = []
        while news := [*self._skipped(), *self._at_once()]:
            self.apply(news)
            found += news
        return found

    def candidates(self) -> list[ReadyNode]:
        """Returns the nodes that are to be made, the one first behind which most lies."""
        return sorted(self._ready.values(), key=lambda one: -self.plan.ranks[one.node_id])

    def call(self, node_id: str) -> NodeCall:
        """Returns a node's call, with its inputs. Raises InvalidInput `text_too_long`."""
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
        """Reads what these nodes need of others, all together."""
        parents = {one for node_id in node_ids for one in self.plan.schedule.parents[node_id]}
        missing = [self.plan.indexes[one] for one in sorted(parents - self._outputs.keys())]
        self.apply(rows_of(self.run.id).some(missing) if missing else ())

    def result(self, node_id: str, status: NodeStatus, **more: object) -> NodeResult:
        """Returns how a node has ended."""
        index = self.plan.indexes[node_id]
        return NodeResult.model_validate(
            {"index": index, "node_id": node_id, "status": status} | more
        )

    def refused(self, node_id: str, error: AppError) -> NodeResult:
        """Returns the end of a node whose inputs can't be used."""
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
        """Returns the end of a node that needs nothing made; others are ready from now on."""
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
        """Yields those that the cache has, meanwhile."""
        asked = {one: self._ready[one].key for one in node_ids if one in self._ready}
        if not self.plan.use_cache or not asked:
            return
        found = self.cache.find(asked.values())
        for node_id, key in asked.items():
            if key in found:
                del self._ready[node_id]
                yield self.result(node_id, "succeeded", output=found[key], cached=True)
