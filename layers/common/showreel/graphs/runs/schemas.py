"""Request and response bodies of graphs' runs: under documented names, else in snake_case."""

from typing import Annotated, Any

from pydantic import Field

from showreel.core.ids import digest_of
from showreel.core.models import FrozenModel
from showreel.core.wire import OrderBody
from showreel.edge.fields import UserId
from showreel.graphs.models import MAX_NODES
from showreel.graphs.schemas import GraphId
from showreel.orders.schemas import RequestKey
from showreel.runs.models import RunCredits, RunError

RESPONSES: Any = {
    200: {
        "description": (
            "Events: `meta`, `node_status` and `node_progress` as nodes go on, then `complete` once"
            " the credits are settled, or `error`"
        ),
        "content": {"text/event-stream": {}},
    }
}
"""The responses, for the OpenAPI document."""


class ComputeExecute(OrderBody):
    """Body of `POST /functions/v1/compute-execute`. A null counts as not sent."""

    project_id: str = Field(validation_alias="projectId", min_length=1, max_length=128)
    node_ids: list[GraphId] | None = Field(
        default=None,
        validation_alias="nodeIds",
        min_length=1,
        max_length=MAX_NODES,
        description="these and everything that they need; without it all nodes that run",
    )
    use_cache: Annotated[bool, Field(strict=True)] = Field(
        default=True,
        validation_alias="useCache",
        description="false makes everything again, and keeps that instead",
    )
    request_id: RequestKey | None = Field(
        default=None,
        validation_alias="requestId",
        description="the same one again returns the same run, at no cost",
    )
    user_id: UserId = None

    @property
    def digest(self) -> str:
        """The hash of what is requested; the same id with another digest is refused."""
        return digest_of([self.project_id, sorted(self.node_ids or ()), self.use_cache])


class NodeView(FrozenModel):
    """A node of a run."""

    node_id: str
    kind: str
    status: str = Field(description="pending, running, succeeded, failed, skipped or canceled")
    output: dict[str, Any] | None = None
    error: str | None = None
    code: str | None = None
    cached: bool = False
    credits: int = 0
    processing_time_ms: int | None = None


class ComputeRun(FrozenModel):
    """A run of a graph, with a page of its nodes in an order in which they may run."""

    run_id: str
    project_id: str
    request_id: str
    status: str = Field(
        description="queued, running, succeeded, partial, failed, canceled; what ended it is in"
        " `error` if its nodes did not"
    )
    queue_position: int | None = None
    progress: int
    total_nodes: int
    completed_nodes: int
    failed_nodes: int
    skipped_nodes: int
    cached_nodes: int
    credits: RunCredits
    error: RunError | None = None
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None
    nodes: tuple[NodeView, ...]
    next_cursor: str | None = None


class KeptOutput(FrozenModel):
    """An output that the cache keeps. `credits` is what it has cost, once."""

    key: str
    kind: str
    output: dict[str, Any]
    credits: int
    bytes: int
    created_at: str
    expires_at: str


class CacheView(FrozenModel):
    """What a project's runs have made and the workspace's graphs may use again."""

    project_id: str
    entries: int
    bytes: int
    days: int = Field(description="for how many days an output is kept at least")
    items: tuple[KeptOutput, ...]
    next_cursor: str | None = None


class CacheCleared(FrozenModel):
    """What was forgotten. The files stay the workspace's."""

    project_id: str
    cleared_entries: int
    cleared_bytes: int
