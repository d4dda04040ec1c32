"""What Server-Sent Events carry, by stream and by the event's name.

A stream without names has one, `message`, as browsers call it.
"""

from typing import Any, Literal, NotRequired, TypedDict

from showreel.runs.models import RunStatus
from tools.openapi.bodies import Disclosed, File, Usage
from tools.openapi.runs import AnyRun
from tools.openapi.streams import DONE


class RunEnd(TypedDict):
    """The run is over: nothing follows."""

    id: str
    status: RunStatus


class ShotOver(TypedDict):
    """A shot of a batch is over."""

    shot_id: str
    status: str
    reason: str | None
    job_id: str | None
    url: str | None
    credits: int


class BatchStopped(TypedDict):
    """The run begins no more shots."""

    code: str


class ShotsMeta(TypedDict):
    """Which request is answered."""

    requestId: str
    projectId: str
    sceneId: str
    latency: int
    runId: str


class ShotPhase(TypedDict):
    """A shot as far as it is written: what isn't yet is null."""

    id: str
    project_id: str
    scene_id: str
    shot_number: int
    status: Literal["creating", "drafting", "enriching", "ready"]
    title: str | None
    description: str | None
    visual_prompt: str | None
    thumbnail: str | None
    shot_type: str | None
    camera_movement: str | None
    duration_ms: int | None
    source: Literal["model", "template"]


class ShotsDone(TypedDict):
    """All shots are there."""

    completed: bool
    total: int
    requestId: str
    credits: int
    templates: int


class ShotsError(TypedDict):
    """The shots were not written."""

    error: str
    code: str
    requestId: str
    credits: int


class GraphMeta(TypedDict):
    """The run that the events are of."""

    run_id: str
    project_id: str
    total_nodes: int
    request_id: str
    credits_held: int


class NodeStatus(TypedDict):
    """What a node has become."""

    node_id: str
    status: Literal["running", "succeeded", "failed", "skipped"]
    processing_time_ms: int
    cached: NotRequired[bool]
    credits: NotRequired[int]
    output: NotRequired[dict[str, Any]]
    error: NotRequired[str]
    code: NotRequired[str | None]


class NodeProgress(TypedDict):
    """How far a node is."""

    node_id: str
    progress: int
    message: str
    logs: list[str]


class GraphComplete(TypedDict):
    """The run is over, and its credits are settled."""

    run_id: str
    status: Literal["succeeded", "partial", "failed", "canceled"]
    outputs: dict[str, Any]
    total_nodes: int
    completed_nodes: int
    failed_nodes: int
    skipped_nodes: int
    cached_nodes: int
    canceled_nodes: int
    credits_used: int
    credits_released: int


class GraphError(GraphComplete):
    """Something else than its nodes ended the run."""

    error: str
    code: str


class _Resolved(Disclosed):
    resolved_model: str
    media_type: str


class FalMeta(_Resolved):
    """Which request is answered, and by which model."""

    type: Literal["meta"]
    job_id: str
    request_id: str
    credits: int


class FalStep(TypedDict):
    """In fal's words."""

    status: Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    progress: float
    queue_position: int | None
    logs: list[dict[str, str]]


class FalProgress(TypedDict):
    """How far it is."""

    type: Literal["progress"]
    event: FalStep


class FalFallback(_Resolved):
    """Another model makes it from here on."""

    type: Literal["fallback"]
    fallback_model: str


class FalDone(_Resolved):
    """The result."""

    type: Literal["done"]
    result: dict[str, Any]
    model: str
    storage_url: str | None
    files: list[File]
    job_id: str
    request_id: str
    credits: int


class FalError(_Resolved):
    """There is no result."""

    type: Literal["error"]
    code: str
    error: str
    message: str
    job_id: str
    request_id: str
    credits: int


class Delta(TypedDict, total=False):
    """What is added."""

    role: Literal["assistant"]
    content: str


class ChunkChoice(TypedDict):
    """The one answer's next piece."""

    index: int
    delta: Delta
    finish_reason: str | None


class TextChunk(TypedDict):
    """A piece of a text in OpenAI's form; the last one has `usage`."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChunkChoice]
    job_id: NotRequired[str]
    usage: NotRequired[Usage | None]
    credits: NotRequired[int]
    requested_model: NotRequired[str | None]
    fallback_used: NotRequired[bool]
    fallback_reason: NotRequired[str | None]


class TextFault(TypedDict):
    """The text broke off."""

    error: dict[str, str]
    code: str
    message: str
    credits: int
    job_id: str


RUN = {
    "status": AnyRun,
    "shot": ShotOver | ShotPhase,
    "stopped": BatchStopped,
    "node_status": NodeStatus,
    "node_progress": NodeProgress,
    "end": RunEnd,
}
BATCH = {"status": AnyRun, "shot": ShotOver, "stopped": BatchStopped, "end": RunEnd}
SHOTS = {"meta": ShotsMeta, "shot": ShotPhase, "done": ShotsDone, "error": ShotsError}
GRAPH = {
    "meta": GraphMeta,
    "node_status": NodeStatus,
    "node_progress": NodeProgress,
    "complete": GraphComplete,
    "error": GraphError,
}
FAL = {"message": FalMeta | FalProgress | FalFallback | FalDone | FalError}
TEXT = {DONE: None, "message": TextChunk | TextFault}
