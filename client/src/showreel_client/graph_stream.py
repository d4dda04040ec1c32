"""execute_graph: streams the events of a graph's run from the first to the last, however often the
stream breaks.

The server numbers its events and works on without a client: a request with the same id and
`Last-Event-ID` gets the events after that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from showreel_client import values
from showreel_client.effects import Conversation, Request
from showreel_client.generation import Setting
from showreel_client.numbered import NumberedReader, read
from showreel_client.routes import Route
from showreel_client.run import Run, body_of, settled

ROUTE = Route("compute-execute", "compute-execute", "edge_function_error")
OVER = frozenset({"succeeded", "failed", "skipped"})


@dataclass(frozen=True)
class NodeOutput:
    """A node's output. `items` has all artifacts if there are several; `raw` is the output as the
    server sent it.
    """

    type: str
    url: str | None = None
    text: str | None = None
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    model: str | None = None
    items: tuple["NodeOutput", ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GraphStarted:
    """The run has begun, with so many nodes. `run_id` is needed to cancel it."""

    run_id: str
    project_id: str
    total_nodes: int
    request_id: str


@dataclass(frozen=True)
class NodeChanged:
    """A node is now `running`, `succeeded`, `failed` or `skipped`. A `cached` one cost nothing."""

    node_id: str
    status: str
    output: NodeOutput | None = None
    error: str | None = None
    code: str | None = None
    cached: bool = False
    credits: int = 0
    processing_time_ms: int | None = None


@dataclass(frozen=True)
class NodeProgress:
    """The progress of a node that takes long, in percent."""

    node_id: str
    progress: float
    message: str = ""
    logs: tuple[str, ...] = ()


@dataclass(frozen=True)
class GraphCompleted:
    """The run is over and paid for. `status` is `succeeded`, `partial`, `failed` or `canceled`."""

    run_id: str
    status: str
    outputs: Mapping[str, NodeOutput]
    total_nodes: int
    completed_nodes: int
    failed_nodes: int
    skipped_nodes: int
    cached_nodes: int
    credits_used: int


GraphEvent = GraphStarted | NodeChanged | NodeProgress | GraphCompleted


def execute_graph(
    setting: Setting,
    request_id: str,
    project_id: str,
    node_ids: Iterable[str] | None,
    *,
    use_cache: bool,
) -> Conversation[None]:
    """Emits every event once. Raises GenerationError, with the request's id."""
    body: dict[str, Any] = {"projectId": project_id, "requestId": request_id}
    body |= {} if node_ids is None else {"nodeIds": list(node_ids)}
    body |= {} if use_cache else {"useCache": False}
    yield from read(setting, request_id, ROUTE, _Reader, body)


def cancel_graph(setting: Setting, run_id: str, request_id: str) -> Conversation[str]:
    """Cancels a run and returns its status. Raises GenerationError for one that is over."""
    run = setting.run(ROUTE, request_id)
    url = f"{setting.base_url}/api/compute-runs/{quote(run_id, safe='')}/cancel"
    body = body_of(run, (yield from settled(run, Request("POST", url))))
    return values.text(body.get("status")) or ""


class _Reader(NumberedReader):
    route, label = ROUTE, "Running the graph"
    last_events = frozenset({"complete", "error"})

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._over, self._expected = 0, 1

    def is_last(self, value: object) -> bool:
        """Returns whether this is the last event."""
        return isinstance(value, GraphCompleted)

    def share(self, value: object) -> float:
        """Returns the share of nodes that are over."""
        self._over += isinstance(value, NodeChanged) and value.status in OVER
        return self._over / self._expected

    def decode(self, name: str, body: Mapping[str, Any]) -> GraphEvent | None:
        """Returns the event as a value, None for an unknown one."""
        if name == "meta" and values.text(body.get("run_id")):
            started = _started(body, self.run.request_id)
            self._expected = max(1, started.total_nodes)
            return started
        if name == "node_status" and values.text(body.get("node_id")):
            return _changed(body)
        if name == "node_progress" and values.text(body.get("node_id")):
            return _progress(body)
        return _completed(body) if name == "complete" else None


def _started(body: Mapping[str, Any], request_id: str) -> GraphStarted:
    return GraphStarted(
        run_id=values.text(body.get("run_id")) or "",
        project_id=values.text(body.get("project_id")) or "",
        total_nodes=values.whole(body.get("total_nodes")) or 0,
        request_id=values.text(body.get("request_id")) or request_id,
    )


def _changed(body: Mapping[str, Any]) -> NodeChanged:
    output = body.get("output")
    return NodeChanged(
        node_id=values.text(body.get("node_id")) or "",
        status=values.text(body.get("status")) or "",
        output=_output(output) if isinstance(output, dict) else None,
        error=values.text(body.get("error")),
        code=values.text(body.get("code")),
        cached=body.get("cached") is True,
        credits=values.whole(body.get("credits")) or 0,
        processing_time_ms=values.whole(body.get("processing_time_ms")),
    )


def _progress(body: Mapping[str, Any]) -> NodeProgress:
    logs = body.get("logs")
    return NodeProgress(
        node_id=values.text(body.get("node_id")) or "",
        progress=min(100.0, values.number(body.get("progress")) or 0.0),
        message=values.text(body.get("message")) or "",
        logs=tuple(one for one in logs if isinstance(one, str)) if isinstance(logs, list) else (),
    )


def _completed(body: Mapping[str, Any]) -> GraphCompleted:
    counts = ("total", "completed", "failed", "skipped", "cached")
    numbers = {f"{name}_nodes": values.whole(body.get(f"{name}_nodes")) or 0 for name in counts}
    outputs = values.record(body.get("outputs"))
    return GraphCompleted(
        run_id=values.text(body.get("run_id")) or "",
        status=values.text(body.get("status")) or "",
        outputs={node_id: _output(values.record(one)) for node_id, one in outputs.items()},
        credits_used=values.whole(body.get("credits_used")) or 0,
        **numbers,
    )


def _output(body: Mapping[str, Any]) -> NodeOutput:
    items = body.get("items")
    return NodeOutput(
        type=values.text(body.get("type")) or "any",
        url=values.url(body.get("url")),
        text=values.text(body.get("text")),
        content_type=values.text(body.get("content_type")),
        width=values.whole(body.get("width")),
        height=values.whole(body.get("height")),
        duration_seconds=values.number(body.get("duration_seconds")),
        model=values.text(body.get("model")),
        items=tuple(_output(values.record(one)) for one in items)
        if isinstance(items, list)
        else (),
        raw=body,
    )
