"""Bodies of answers that the code builds as plain objects, field by field as it builds them.

Everything else is answered as a model, and its schema comes from that.
"""

from typing import Any, Literal, NotRequired, TypedDict

from showreel.cuts.responses import CreatedExport, ExportState, Synced
from showreel.runs.models import Progress
from showreel.wallets.responses import Refreshed, SignedIn, SignedOut


class Disclosed(TypedDict):
    """Whether something else was used than what was asked for."""

    requested_model: str | None
    fallback_used: bool
    fallback_reason: str | None


class Failure(TypedDict, total=False):
    """Of what has failed: why."""

    error: str
    code: str


class _Video(Disclosed):
    success: bool
    job_id: str
    model: str
    credits_used: int
    duration: float | None


class VideoMade(_Video):
    """A video that was there within the window."""

    status: Literal["completed"]
    video_url: str
    video_type: str | None
    duration_ms: int


class VideoAccepted(_Video):
    """A video that is still being made."""

    status: Literal["processing"]
    prediction_id: str | None
    message: str


class VideoStatus(_Video, Failure):
    """How far a video is."""

    status: Literal["processing", "completed", "failed"]
    prediction_id: str | None
    created_at: str
    progress: int
    video_type: str | None
    completed_at: NotRequired[str]
    video_url: NotRequired[str]


class _Sound(Disclosed):
    success: bool
    job_id: str
    model: str
    credits: int
    characters: int | None


class SoundMade(_Sound):
    """A sound that was there within 25 seconds."""

    status: Literal["completed"]
    url: str
    contentType: str
    durationSeconds: float | None


class SoundAccepted(_Sound):
    """A sound that is still being made."""

    status: Literal["processing"]


class SoundStatus(_Sound, Failure):
    """How far a sound is."""

    status: Literal["processing", "completed", "failed"]
    progress: int
    created_at: str
    completed_at: NotRequired[str]
    url: NotRequired[str]
    contentType: NotRequired[str]
    durationSeconds: NotRequired[float | None]


class File(TypedDict):
    """A file of ours."""

    url: str
    content_type: str
    duration_seconds: NotRequired[float]
    width: NotRequired[int]
    height: NotRequired[int]


class Usage(TypedDict):
    """Tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Message(TypedDict):
    """What the model says."""

    role: Literal["assistant"]
    content: str


class Choice(TypedDict):
    """The one answer."""

    index: int
    message: Message
    finish_reason: str | None


class Completion(Disclosed):
    """A text in OpenAI's form."""

    success: bool
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: Usage | None
    credits: int
    job_id: str


class GroqText(Disclosed):
    """A text as groq-chat answers it."""

    success: bool
    text: str
    model: str
    finish_reason: str | None
    usage: Usage | None
    credits: int
    job_id: str


class QueuedData(TypedDict):
    """A request in the words of the vendor's queue."""

    request_id: str
    status: Literal["queued", "processing", "success", "failed"]
    model: str
    outcome: NotRequired[dict[str, Any]]


class GmiRequestState(Disclosed, Failure):
    """A request to one of GMI Cloud's models, and what came of it."""

    success: bool
    data: QueuedData | Completion
    requestId: str
    provider: str
    status: Literal["queued", "processing", "success", "failed"]
    progress: int
    job_id: str
    model: str
    credits: int
    message: NotRequired[str]
    statusUrl: NotRequired[str]
    storage_url: NotRequired[str | None]
    files: NotRequired[list[File]]


class Lifecycle(TypedDict):
    """Until when a model is there."""

    status: Literal["active", "deprecated", "retired"]
    deprecatedOn: str | None
    retiredOn: str | None


class Pricing(TypedDict):
    """What a model costs, in credits."""

    unit: str
    units: float
    credits: int
    creditsNativeAudio: int | None


class CatalogModel(TypedDict):
    """A model: the documented six fields, and what it takes."""

    id: str
    name: str
    provider: str
    credits: int
    mediaType: str
    workflowType: str
    description: str
    aspectRatios: list[str]
    durations: list[float]
    inputs: dict[str, str]
    limits: dict[str, int | None]
    lifecycle: Lifecycle
    replacedBy: str | None
    isDefault: bool
    pricing: Pricing


class NodeCatalog(TypedDict):
    """What an editor of graphs can be built on."""

    schema: dict[str, Any]
    types: list[str]
    limits: dict[str, int]
    coercions: list[dict[str, str]]
    kinds: list[dict[str, Any]]
    operations: list[dict[str, Any]]
    models: list[dict[str, Any]]


class Received(TypedDict):
    """A vendor's word was understood."""

    received: bool


class OpenApi(TypedDict):
    """This document."""

    openapi: str
    info: dict[str, Any]
    servers: list[dict[str, str]]
    paths: dict[str, dict[str, Any]]
    components: dict[str, Any]


class FeedHeaders(TypedDict, total=False):
    """What a message is: a row (`operation`), or the end of what there is (`control`)."""

    operation: Literal["insert", "update"]
    control: Literal["up-to-date"]


class FeedError(TypedDict):
    """Why a run failed, as Trigger.dev's client reads it."""

    type: Literal["BUILT_IN_ERROR"]
    name: str
    message: str
    stackTrace: str


class FeedRow(TypedDict):
    """A run in the feed: times in UTC without a zone, JSON as text."""

    id: str
    friendlyId: str
    taskIdentifier: str
    status: Literal[
        "PENDING",
        "EXECUTING",
        "COMPLETED_SUCCESSFULLY",
        "COMPLETED_WITH_ERRORS",
        "CANCELED",
        "TIMED_OUT",
    ]
    createdAt: str
    updatedAt: str
    queuedAt: str
    startedAt: str | None
    completedAt: str | None
    usageDurationMs: int
    isTest: bool
    runTags: list[str]
    metadata: str
    metadataType: Literal["application/json"]
    output: str | None
    outputType: Literal["application/json"]
    error: FeedError | None


class FeedMessage(TypedDict):
    """One message; the last one of an answer has `control` `up-to-date`."""

    headers: FeedHeaders
    key: NotRequired[str]
    value: NotRequired[FeedRow]


class RetrievedError(TypedDict):
    """Why a run failed."""

    name: str
    message: str
    stackTrace: str


class RetrievedMetadata(TypedDict):
    """What pages read as `run.metadata.status`."""

    status: Progress


class RetrievedRun(TypedDict):
    """A run as `runs.retrieve` reads it."""

    id: str
    taskIdentifier: str
    status: Literal["QUEUED", "EXECUTING", "COMPLETED", "FAILED", "CANCELED", "TIMED_OUT"]
    isQueued: bool
    isExecuting: bool
    isWaiting: bool
    isCompleted: bool
    isSuccess: bool
    isFailed: bool
    isCancelled: bool
    isTest: bool
    createdAt: str
    updatedAt: str
    startedAt: NotRequired[str]
    finishedAt: NotRequired[str]
    tags: list[str]
    costInCents: int
    baseCostInCents: int
    durationMs: int
    depth: int
    triggerFunction: Literal["trigger"]
    relatedRuns: dict[str, Any]
    attemptCount: int
    metadata: RetrievedMetadata
    output: NotRequired[dict[str, Any]]
    error: NotRequired[RetrievedError]


class Otio(TypedDict):
    """A timeline of OpenTimelineIO, at the top; its schema is the library's."""

    OTIO_SCHEMA: str


WalletAnswer = SignedIn | Refreshed | SignedOut
"""To a sign-in, to a refresh, to a sign-out."""
CutAnswer = Synced | CreatedExport | ExportState
"""By action: `sync`; `create` and `retry`; `status`."""
