"""A generation job: what is asked for, its row and its states.

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

if TYPE_CHECKING:  # requests ask no vendor
    from showreel.providers.base import VendorTask

Status = Literal["queued", "submitting", "processing", "storing", "completed", "failed", "canceled"]
Final = Literal["completed", "failed", "canceled"]
CaptureOn = Literal["acceptance", "delivery"]
RouteName = Literal["submit", "backoff", "await", "hold", "render", "make", "settle"]
"""Where a step sends its execution. But for `hold` and `settle` they are error names in its ASL."""
MediaType = Literal["video", "image", "audio", "text"]
FORWARDS: tuple[Status, ...] = ("queued", "submitting", "processing", "storing")
"""The states of an open job, in their order."""
DUE_SHARDS = 4
START_SECONDS = 60
"""A job whose execution hasn't written by then may have none."""
QUIET_SECONDS = 400
"""A working execution writes its job's row more often than this: the longest wait is 60 s, the
longest step 330. After it the reconciler looks at the job.
"""


class StoredFile(FrozenModel):
    """One file of a result: its key, what it is, its size in pixels and its length."""

    key: str
    content_type: str
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None


class InputMedia(FrozenModel):
    """An object of our bucket and the place of its URL in the inputs of a job."""

    path: tuple[str | int, ...]
    key: str


class InputUrl(FrozenModel):
    """A URL as its author wrote it, of a medium that is fetched before the job is sent, and its
    place in the inputs.
    """

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
    """The row of a product's that a job is made for: see `generation.subjects`."""

    kind: str
    id: str


def _parsed(inputs: Any) -> Any:
    return json.loads(inputs) if isinstance(inputs, str) else inputs


JsonInputs = Annotated[dict[str, Any], BeforeValidator(_parsed), PlainSerializer(json.dumps)]
"""Kept as JSON, so that numbers come back as they were."""


class Wanted(FrozenModel):
    """What is to be made."""

    media_type: MediaType = "video"
    video_type: str | None = None
    prompt: str = Field(default="", max_length=100_000)
    image_key: str | None = None
    end_image_key: str | None = None
    image_url: str | None = None
    """Instead of `image_key`, what is fetched first."""
    end_image_url: str | None = None
    raw_pictures: bool = False
    """The pictures are as their owner sent them: who uses them sanitizes them first."""
    picture_size: tuple[int, int] | None = None
    """In pixels. The pictures are of any shape, and every vendor is given them in this size; our
    own camera looks at them as they are.
    """
    fit: Fit = "auto"
    """How pictures are brought to the ratio or the size."""
    duration_seconds: float | None = Field(default=None, gt=0, le=600)
    """None for what has no length, and for what its text decides."""
    count: int = Field(default=1, ge=1, le=12)
    characters: int | None = Field(default=None, ge=0)
    inputs: JsonInputs = Field(default_factory=dict)
    """What the vendor is sent under its own names, checked by the catalogue, with keys where URLs
    will be. With them the caller's fields, the prompt among them, go there as they are.
    """
    input_media: tuple[InputMedia, ...] = ()
    """Where in `inputs` URLs of our own objects go."""
    input_urls: tuple[InputUrl, ...] = ()
    """Where in it URLs of media go that are fetched first."""
    voice_id: str | None = None
    aspect_ratio: str = "16:9"
    resolution: Literal["720p", "1080p"] = "1080p"
    native_audio: bool = False

    @property
    def has_first_picture(self) -> bool:
        """Whether it begins with a picture."""
        return self.image_key is not None or self.image_url is not None

    @property
    def has_last_picture(self) -> bool:
        """Whether it ends with a picture."""
        return self.end_image_key is not None or self.end_image_url is not None

    @property
    def keys(self) -> set[str]:
        """The objects of our bucket that it is made of."""
        pictures = {key for key in (self.image_key, self.end_image_key) if key}
        return pictures | {media.key for media in self.input_media}


class Terms(FrozenModel):
    """What was agreed when it was ordered. Times are seconds since 1970."""

    deadline_at_seconds: int
    late_seconds: int = Field(default=0, ge=0)
    """How long after the deadline a result is still waited for, if the vendor can't be stopped."""
    capture_on: CaptureOn = "delivery"
    base_is_least: bool = False
    """Whether a shorter clip costs what the priced length costs."""
    retry_accepted: bool = True
    """Whether a job that a vendor accepted and then failed is sent again. Each acceptance costs."""
    may_be_replaced: bool = True
    """Whether the catalogue's replacement may make it if its own model is gone at the vendor."""
    allow_builtin_fallback: bool = False
    may_be_any_media: bool = False
    """Whether the files may be of another kind: a frame of a video, a song with pictures."""
    may_be_data: bool = False
    """Whether the result may be words alone, such as a transcript."""


class JobFields(FrozenModel):
    """The fields that the request of a job and its row have in common."""

    job_id: str = Field(min_length=1, max_length=70, pattern=r"^[A-Za-z0-9_-]+$")
    workspace_id: str
    user_id: str | None = None
    project_id: str | None = None
    kind: str
    catalogue_id: str
    """The entry whose binding makes it; not the row's `model` where that entry's own is gone."""
    fallback_reason: str | None = None
    """Why another model makes it than the user asked for."""
    request_digest: str | None = None
    """What tells the caller's request from another one with the same key."""
    wanted: Wanted
    terms: Terms
    has_execution: bool = True
    """False for text, which the request itself makes while it streams."""
    run_id: str | None = None
    parent_token: str | None = None
    lane: Lane | None = None
    """Whose place the job waits for before it starts; None starts it at once."""
    subject: Subject | None = None
    """Whose row gets the result when the job is settled."""
    result_owner: str | None = None
    """The partition of the rows that will name the result; None keeps it for the workspace."""
    public_base_url: str = ""


class JobRequest(JobFields):
    """What a caller of the engine asks for. The same `job_id` again is the same job.

    Without `hold_id` the job makes its own hold of its price.
    """

    requested_model: str | None = None
    """What the user asked for, where a routing chose another one."""
    hold_id: str | None = None
    quoted_credits: int | None = Field(default=None, ge=0)
    """What its run holds for it: a price that changes later isn't its own."""
    output_prefix: str = "generation-videos"
    """Where the result goes: a logical bucket, or an internal `work/…` folder."""
    output_key: str | None = None
    """The result's exact key, instead of a random name below `output_prefix`."""


class Attempt(FrozenModel):
    """The present attempt to get it made. Another attempt begins without any of it."""

    number: int = 1
    sending: bool = False
    """A create may be on its way: set before the call, cleared when its outcome is known."""
    sender: str | None = None
    out_since_seconds: int | None = None
    """Since when it wasn't sent because its vendor is out."""
    sent_at_seconds: int | None = None
    told_task_id: str | None = None
    """What the first signed webhook calls the job, before anybody else has told its id."""
    provider_handle: str | None = None
    accepted_at: str | None = None
    ready_at_seconds: int | None = None
    """When the vendor was first seen to have finished."""
    hinted_at: str | None = None
    """When a webhook last said that the vendor is done, unless it was asked since."""


class JobCounts(FrozenModel):
    """Counts what happened to the job, over all attempts."""

    throttles: int = 0
    polls: int = 0
    hints: int = 0
    """Webhooks that said that the vendor is done."""
    revivals: int = 0
    """New executions that the reconciler started for dead ones."""


class VendorProgress(FrozenModel):
    """What the vendor last told of the way, as `Pending` has it."""

    queue_position: int | None = None
    percent: int | None = None
    is_running: bool = False
    logs: tuple[str, ...] = ()


class JobOutput(FrozenModel):
    """What a job has delivered."""

    is_stored: bool = False
    """The result is in our bucket and verified."""
    files: tuple[StoredFile, ...] = ()
    result: str | None = None
    """What the vendor answered beside its files, as JSON with our URLs; what a text job told."""


class Job(JobFields):
    """The row of a job. `finished_at` is set exactly when the status is final.

    `prediction_id`, `video_url` and `credits_debited` are documented columns, as are `id`,
    `status`, `model` and `workspace_id`: they are at the top level.
    """

    status: Status
    requested_model: str
    model: str
    """What makes it, as users are told."""
    replaced: bool = False
    """A vendor said that the model is gone, and the catalogue's replacement was taken."""
    fallback_used: bool = False
    provider: str
    duration_seconds: int | None = None
    """The whole seconds that the model makes; None where it makes every length, or has none."""
    hold_id: str
    own_hold: bool
    output_key: str
    video_url: str | None = None
    left_lane: bool = False
    """The vendor has ended the task, and another job has its place in the lane."""
    lane_returns: int = 0
    """How often it has come back to its lane: each time to another place."""
    reached: Status = "queued"
    """How far earlier attempts have come."""
    credits: int = Field(description="what the job costs its user when it is delivered")
    credits_debited: int = 0
    cost_cents: int = Field(description="what the vendor charges us")
    prediction_id: str | None = None
    attempt: Attempt = Field(default_factory=Attempt)
    counts: JobCounts = Field(default_factory=JobCounts)
    progress: VendorProgress = Field(default_factory=VendorProgress)
    """What the vendor last told of the way."""
    delivery: JobOutput = Field(default_factory=JobOutput)
    active_at_seconds: int = 0
    """When a step or the reconciler last wrote the row."""
    revive_at_seconds: int = 0
    """Since 1970; before it no other execution is started for a dead one."""
    await_token: str | None = None
    """What the waiting execution is answered with."""
    cancel_requested: bool = False
    """The request that tells this text is to stop. Jobs with an execution are ended at once."""
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
        """Whether its vendor isn't late: the job is over, made, or before its deadline."""
        return self.is_finished or self.status == "storing" or not self.is_overdue(now_seconds)

    @property
    def is_decided(self) -> bool:
        """Whether the row tells how the job ends, if it has not ended."""
        return self.is_finished or self.error_code is not None or self.delivery.is_stored

    @property
    def task(self) -> "VendorTask | None":
        """What the vendor has accepted for the present attempt."""
        from showreel.providers.base import VendorTask

        task_id, handle = self.prediction_id, self.attempt.provider_handle
        return VendorTask(task_id, handle) if task_id and handle else None

    @property
    def may_have_lost_task(self) -> bool:
        """Whether a vendor may have made a task of a create that nobody saw answered."""
        return self.attempt.sending and self.has_execution

    @property
    def shown_status(self) -> Status:
        """The status as callers see it: another attempt doesn't take it back."""
        if self.is_finished:
            return self.status
        return max(self.reached, self.status, key=FORWARDS.index)

    def kept_back_seconds(self, now_seconds: int) -> int:
        """Returns for how long nothing was sent because the vendor was out; 0 once it was."""
        since = self.attempt.out_since_seconds
        return 0 if since is None or self.attempt.sent_at_seconds else now_seconds - since

    @property
    def place(self) -> str:
        """What the job's present place in its lane is called, so that whoever frees an earlier one
        late doesn't free this one.
        """
        return self.place_after(self.lane_returns)

    def place_after(self, returns: int) -> str:
        """Returns the name of the place that it has after so many returns."""
        return f"{self.job_id}.{returns}" if returns else self.job_id

    @property
    def external_id(self) -> str:
        """The attempt key: what the vendor knows this submission by."""
        return f"{self.job_id}-{self.attempt.number}"

    @property
    def last_moment_seconds(self) -> int:
        """Until when a late result still counts."""
        return self.terms.deadline_at_seconds + self.terms.late_seconds

    @property
    def execution_name(self) -> str:
        """The execution that drives the job now."""
        revivals = self.counts.revivals
        return f"{self.job_id}.{revivals}" if revivals else self.job_id

    def is_overdue(self, now_seconds: int) -> bool:
        """Returns whether the deadline has passed."""
        return now_seconds >= self.terms.deadline_at_seconds

    def row(self, now_seconds: int) -> dict[str, Any]:
        """Returns the new item as DynamoDB keeps it: with every group, as later changes need."""
        starts_now = self.has_execution and self.lane is None
        due = {
            "due_shard": str(shard_of(self.job_id, DUE_SHARDS)),
            "due_at": now_seconds + (START_SECONDS if starts_now else QUIET_SECONDS),
        }
        keys = {"pk": f"job#{self.job_id}", "sk": "job", "list_key": f"{self.workspace_id}#job"}
        row = self.model_dump(exclude_none=True) | {"active_at_seconds": now_seconds}
        return row | {"id": self.job_id} | keys | due


class Result(Wire):
    """What a parent is told when a job has ended."""

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

    `hold` waits in the state that it is in, `settle` says that the row tells how the job ends.
    """

    route: RouteName
    wait_seconds: int = 1


def external_job_id(external_id: str) -> str:
    """Returns the job of an attempt key."""
    return external_id.rpartition("-")[0]


def attempt_number(external_id: str) -> int:
    """Returns which attempt of its job an attempt key names."""
    return int(external_id.rpartition("-")[2])


def execution_job_id(execution_name: str) -> str:
    """Returns the job that an execution drives, or that a place in a lane is for."""
    return execution_name.partition(".")[0]
