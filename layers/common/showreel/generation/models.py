"""A generation job: its request, its row and its states.

    queued → submitting → processing → storing → completed
                                               → failed, canceled (from every state)

States only move forwards within an attempt, attempts only count up, and a job ends once.
"""

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    model_validator,
)

from showreel.core.framing import Fit
from showreel.core.ids import shard_of
from showreel.core.models import FrozenModel
from showreel.core.wire import Wire

if TYPE_CHECKING:  # requests call no vendor
    from showreel.providers.base import VendorTask

Status = Literal["queued", "submitting", "processing", "storing", "completed", "failed", "canceled"]
Final = Literal["completed", "failed", "canceled"]
CaptureOn = Literal["acceptance", "delivery"]
RouteName = Literal["submit", "backoff", "await", "hold", "render", "make", "settle"]
"""Where a step sends its execution. All but `hold` and `settle` are error names in the ASL."""
MediaType = Literal["video", "image", "audio", "text"]
FORWARDS: tuple[Status, ...] = ("queued", "submitting", "processing", "storing")
"""The states of an open job, in their order."""
DUE_SHARDS = 4
START_SECONDS = 60
"""A new job whose execution has written nothing for this long may have none."""
QUIET_SECONDS = 400
"""A live execution writes its job's row more often than this: the longest wait is 60 s, the longest
step 330. A job that is quiet for longer is reconciled.
"""


class StoredFile(FrozenModel):
    """One file of a result: its key, what it is, its size in pixels and its length."""

    key: str
    content_type: str
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None


class InputMedia(FrozenModel):
    """An object of our bucket and the path of its URL in the inputs of a job."""

    path: tuple[str | int, ...]
    key: str


class InputUrl(FrozenModel):
    """A caller's URL of media to fetch before the job is sent, and its path in the inputs."""

    path: tuple[str | int, ...]
    url: str
    kind: Literal["image", "video", "audio"]


class Lane(FrozenModel):
    """The lane that a job shares with others: at most `limit` of them are at a vendor at once.

    Those with the lowest `order` go first.
    """

    name: str = Field(pattern=r"^[\w.#-]+$")
    limit: int = Field(ge=1)
    order: int = 0


class Subject(FrozenModel):
    """The product's row that a job is made for: see `generation.subjects`."""

    kind: str
    id: str


def _parsed(inputs: Any) -> Any:
    return json.loads(inputs) if isinstance(inputs, str) else inputs


JsonInputs = Annotated[dict[str, Any], BeforeValidator(_parsed), PlainSerializer(json.dumps)]
"""Stored as JSON text, so that numbers come back unchanged."""


class Wanted(FrozenModel):
    """What a job is to make."""

    media_type: MediaType = "video"
    video_type: str | None = None
    prompt: str = Field(default="", max_length=100_000)
    image_key: str | None = None
    end_image_key: str | None = None
    image_url: str | None = None
    """In place of `image_key`: fetched before the job is sent."""
    end_image_url: str | None = None
    raw_pictures: bool = False
    """Whether the pictures are as their owner sent them, to be sanitized before use."""
    picture_size: tuple[int, int] | None = None
    """In pixels. The pictures are of any shape and brought to this size for every vendor; the
    built-in model takes them as they are.
    """
    fit: Fit = "auto"
    """How pictures are brought to the aspect ratio or size."""
    duration_seconds: float | None = Field(default=None, gt=0, le=600)
    """None for what has no length, and for speech, whose text decides it."""
    count: int = Field(default=1, ge=1, le=12)
    characters: int | None = Field(default=None, ge=0)
    inputs: JsonInputs = Field(default_factory=dict)
    """The vendor's own input fields, checked by the catalogue, with keys where URLs will be. If
    there are any, the prompt is sent only as one of them.
    """
    input_media: tuple[InputMedia, ...] = ()
    """Objects of our bucket whose signed URLs go into `inputs`."""
    input_urls: tuple[InputUrl, ...] = ()
    """Media that are fetched first, then go into `inputs` in the same way."""
    voice_id: str | None = None
    aspect_ratio: str = "16:9"
    resolution: Literal["720p", "1080p"] = "1080p"
    native_audio: bool = False
    draft: bool = False
    """Whether the built-in model encodes it for a draft, whose pieces are then copied."""

    @property
    def has_first_picture(self) -> bool:
        """Whether the first frame is given."""
        return self.image_key is not None or self.image_url is not None

    @property
    def has_last_picture(self) -> bool:
        """Whether the last frame is given."""
        return self.end_image_key is not None or self.end_image_url is not None

    @property
    def keys(self) -> set[str]:
        """The keys of all objects of our bucket that the job uses."""
        pictures = {key for key in (self.image_key, self.end_image_key) if key}
        return pictures | {media.key for media in self.input_media}


class Terms(FrozenModel):
    """What was agreed when it was ordered. Times are seconds since 1970."""

    deadline_at_seconds: int
    late_seconds: int = Field(default=0, ge=0)
    """How long after the deadline a result still counts, if the vendor couldn't be stopped."""
    capture_on: CaptureOn = "delivery"
    base_is_least: bool = False
    """Whether a shorter clip costs what the priced length costs."""
    retry_accepted: bool = True
    """Whether a job that a vendor accepted and then failed is sent again. Each acceptance costs."""
    may_be_replaced: bool = True
    """Whether the catalogue's replacement may be used if the model is gone at its vendor."""
    allow_builtin_fallback: bool = False
    may_be_any_media: bool = False
    """Whether the files may be of another media type: a frame of a video, a song with pictures."""
    may_be_data: bool = False
    """Whether the result may have no file, such as a transcript."""


class JobFields(FrozenModel):
    """The fields that a job's request and its row share."""

    job_id: str = Field(min_length=1, max_length=70, pattern=r"^[A-Za-z0-9_-]+$")
    workspace_id: str
    user_id: str | None = None
    project_id: str | None = None
    kind: str
    catalogue_id: str
    """The catalogue entry whose binding is used; differs from `Job.model` if that model is gone."""
    fallback_reason: str | None = None
    """Why another model is used than the user asked for."""
    request_digest: str | None = None
    """Hash of the caller's request, to refuse another one with the same idempotency key."""
    wanted: Wanted
    terms: Terms
    has_execution: bool = True
    """False for text jobs that the request itself makes while it streams."""
    run_id: str | None = None
    parent_token: str | None = None
    lane: Lane | None = None
    """The lane in which the job waits for a place; None starts it at once."""
    subject: Subject | None = None
    """The row that gets the result when the job is settled."""
    result_owner: str | None = None
    """The partition of the rows that will name the result; None for the workspace's."""
    public_base_url: str = ""


class JobRequest(JobFields):
    """A product's order of a job. The same `job_id` again is the same job.

    Without `hold_id` the job has its own hold, of its price.
    """

    requested_model: str | None = None
    """The model that the user asked for, if another one was chosen."""
    hold_id: str | None = None
    quoted_credits: int | None = Field(default=None, ge=0)
    """The price that its run holds for it, in place of the present price."""
    output_prefix: str = "generation-videos"
    """The result's prefix: a logical bucket, or an internal `work/…` folder."""
    output_key: str | None = None
    """The result's exact key, instead of a random name below `output_prefix`."""


class Attempt(FrozenModel):
    """The present attempt at a vendor. Each attempt begins with new values."""

    number: int = 1
    sending: bool = False
    """Whether a create may be on its way: set before the call, cleared once it is answered."""
    sender: str | None = None
    out_since_seconds: int | None = None
    """Since when the create was held back because the vendor is out."""
    sent_at_seconds: int | None = None
    reported_task_id: str | None = None
    """The vendor's task id in the first signed webhook."""
    provider_handle: str | None = None
    accepted_at: str | None = None
    ready_at_seconds: int | None = None
    """When the result was first found ready at the vendor."""
    stored_files: tuple[StoredFile, ...] = ()
    """The first files of the result, if they are stored and others aren't."""
    hinted_at: str | None = None
    """When a webhook last said that the vendor is done; cleared by the next poll."""


class JobCounts(FrozenModel):
    """Counts what happened to the job, over all attempts."""

    throttles: int = 0
    polls: int = 0
    hints: int = 0
    """How many webhooks said that the vendor is done."""
    revivals: int = 0
    """How many executions the reconciler started for dead ones."""


class VendorProgress(FrozenModel):
    """The vendor's last progress report: the fields of `providers.base.Pending`."""

    queue_position: int | None = None
    percent: int | None = None
    is_running: bool = False
    logs: tuple[str, ...] = ()


class JobOutput(FrozenModel):
    """What a job has delivered."""

    is_stored: bool = False
    """Whether the result is in our bucket and verified."""
    files: tuple[StoredFile, ...] = ()
    result: str | None = None
    """JSON: the vendor's output with our URLs, or a text job's `TextResult`."""


class Job(JobFields):
    """The row of a job. `finished_at` is set exactly when the status is final.

    `prediction_id`, `video_url`, `credits_debited`, `id`, `status`, `model` and `workspace_id` are
    documented columns, so they are at the top level.
    """

    status: Status
    requested_model: str
    model: str
    """The model that is used, as users see it."""
    replaced: bool = False
    """Whether the catalogue's replacement is used, because the model is gone at its vendor."""
    fallback_used: bool = False
    provider: str
    duration_seconds: int | None = None
    """The length that the model makes; None if it makes every length, or has none."""
    hold_id: str
    own_hold: bool
    output_key: str
    video_url: str | None = None
    left_lane: bool = False
    """Whether the job has given its place in the lane back."""
    lane_returns: int = 0
    """How often the job has come back to its lane, each time to another place."""
    reached: Status = "queued"
    """The furthest status of earlier attempts."""
    credits: int = Field(description="what the job costs its user when it is delivered")
    credits_debited: int = 0
    cost_cents: int = Field(description="what the vendor charges us")
    prediction_id: str | None = None
    attempt: Attempt = Field(default_factory=Attempt)
    counts: JobCounts = Field(default_factory=JobCounts)
    progress: VendorProgress = Field(default_factory=VendorProgress)
    """The vendor's last progress report."""
    delivery: JobOutput = Field(default_factory=JobOutput)
    active_at_seconds: int = 0
    """When a step or the reconciler last wrote the row."""
    revive_at_seconds: int = 0
    """The earliest time to start another execution for a dead one, in seconds since 1970."""
    await_token: str | None = None
    """The task token of the waiting execution."""
    cancel_requested: bool = False
    """Asks the request that streams this text to stop. Other jobs are ended at once."""
    error_code: str | None = None
    created_at: str
    finished_at: str | None = None
    settled_at: str | None = None

    @model_validator(mode="after")
    def _ends_together(self) -> Self:
        if (self.finished_at is not None) != (self.status in ("completed", "failed", "canceled")):
            raise ValueError("a job has an end exactly when its status is final")
        return self

    @property
    def is_finished(self) -> bool:
        """Whether the status is final."""
        return self.finished_at is not None

    def is_in_time(self, now_seconds: int) -> bool:
        """Returns whether the job is finished, being stored, or before its deadline."""
        return self.is_finished or self.status == "storing" or not self.is_overdue(now_seconds)

    @property
    def is_decided(self) -> bool:
        """Whether the row says how the job ends, if it hasn't ended yet."""
        return self.is_finished or self.error_code is not None or self.delivery.is_stored

    @property
    def task(self) -> "VendorTask | None":
        """The vendor's task of the present attempt, once accepted."""
        from showreel.providers.base import VendorTask

        task_id, handle = self.prediction_id, self.attempt.provider_handle
        return VendorTask(task_id, handle) if task_id and handle else None

    @property
    def may_have_lost_task(self) -> bool:
        """Whether a vendor may have a task from a create whose answer nobody saw."""
        return self.attempt.sending and self.has_execution

    @property
    def shown_status(self) -> Status:
        """The status as callers see it: it doesn't go back when another attempt begins."""
        if self.is_finished:
            return self.status
        return max(self.reached, self.status, key=FORWARDS.index)

    def kept_back_seconds(self, now_seconds: int) -> int:
        """Returns how long the create has been held back because the vendor is out; 0 once sent."""
        since = self.attempt.out_since_seconds
        return 0 if since is None or self.attempt.sent_at_seconds else now_seconds - since

    @property
    def place(self) -> str:
        """The name of the job's present place in its lane, unlike earlier ones, so that freeing an
        earlier place late doesn't free this one.
        """
        return self.place_after(self.lane_returns)

    def place_after(self, returns: int) -> str:
        """Returns the name of the job's place after `returns` returns to its lane."""
        return f"{self.job_id}.{returns}" if returns else self.job_id

    @property
    def external_id(self) -> str:
        """The attempt key: our id of this submission at the vendor."""
        return f"{self.job_id}-{self.attempt.number}"

    @property
    def last_moment_seconds(self) -> int:
        """The time until which a late result still counts, in seconds since 1970."""
        return self.terms.deadline_at_seconds + self.terms.late_seconds

    @property
    def execution_name(self) -> str:
        """The name of the job's present execution."""
        revivals = self.counts.revivals
        return f"{self.job_id}.{revivals}" if revivals else self.job_id

    def is_overdue(self, now_seconds: int) -> bool:
        """Returns whether the deadline has passed."""
        return now_seconds >= self.terms.deadline_at_seconds

    def row(self, now_seconds: int) -> dict[str, Any]:
        """Returns a new job's row; every nested group is in it, since later writes change parts."""
        starts_now = self.has_execution and self.lane is None
        due = {
            "due_shard": str(shard_of(self.job_id, DUE_SHARDS)),
            "due_at": now_seconds + (START_SECONDS if starts_now else QUIET_SECONDS),
        }
        keys = {"pk": f"job#{self.job_id}", "sk": "job", "list_key": f"{self.workspace_id}#job"}
        row = self.model_dump(exclude_none=True) | {"active_at_seconds": now_seconds}
        return row | {"id": self.job_id} | keys | due


class Result(Wire):
    """The answer to a parent when its job has ended."""

    job_id: str
    status: Status
    output_key: str | None
    credits_debited: int
    cost_cents: int
    model: str
    error_code: str | None

    @classmethod
    def of(cls, job: Job) -> Self:
        """Returns the result of a finished job; a failed one has no output."""
        result = cls.model_validate(job, from_attributes=True)
        undelivered: dict[str, Any] = {"output_key": None, "cost_cents": 0}
        return result.model_copy(update={} if job.status == "completed" else undelivered)


class NextStep(BaseModel, defer_build=True):
    """What the state machine does next, after waiting at most `wait_seconds`.

    `hold` waits in the present state; `settle` means that the job's row says how it ends.
    """

    route: RouteName
    wait_seconds: int = 1


def external_job_id(external_id: str) -> str:
    """Returns the job id in an attempt key."""
    return external_id.rpartition("-")[0]


def attempt_number(external_id: str) -> int:
    """Returns the attempt's number in an attempt key."""
    return int(external_id.rpartition("-")[2])


def execution_job_id(execution_name: str) -> str:
    """Returns the job id in the name of an execution or of a place in a lane."""
    return execution_name.partition(".")[0]
