"""Rows of a film: the project's, its clips', and both together.

Rows hold object keys, never URLs: the base URL may change. The order of the clips is a list of
their ids on the project row, so positions have no gaps and no duplicates.
"""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field

from showreel.core.framing import Fit, Size
from showreel.core.models import FrozenModel
from showreel.films.projects.rooms import RoomType

AspectRatio = Literal["16:9", "9:16", "1:1"]
Resolution = Literal["720p", "1080p"]
TransitionType = Literal["seamless", "cut", "crossfade"]
ProjectStatus = Literal["draft", "queued", "generating", "compiling", "completed", "failed"]
ClipStatus = Literal["pending", "processing", "completed", "failed"]

DEFAULT_MODEL = "kling-v2.6-pro"
MAX_CLIPS = 20
KEYS = frozenset({"pk", "sk", "list_key"})
EDITABLE: tuple[ProjectStatus, ...] = ("draft", "failed", "completed")
"""The statuses in which a film may be changed, deleted or started."""


class _Row(FrozenModel):
    """A row as a typed value; it keeps attributes that the model doesn't declare."""

    model_config = ConfigDict(extra="allow")

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Returns the row of a DynamoDB item, without its keys."""
        return cls.model_validate({name: item[name] for name in item if name not in KEYS})

    def attributes(self) -> dict[str, Any]:
        """Returns the attributes to write, without those that are None and without `file_keys`."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"file_keys"})


class MissingClip(FrozenModel):
    """A clip that a partial film had to do without."""

    clip_id: str
    reason: str


class ProjectRow(_Row):
    """A video project. `version` grows by one with every edit."""

    id: str
    workspace_id: str
    owner_user_id: str
    version: int = 1
    name: str
    description: str | None = None
    aspect_ratio: AspectRatio = "16:9"
    resolution: Resolution = "1080p"
    fit: Fit = "auto"
    music_track_id: str | None = None
    music_volume: int = Field(default=50, ge=0, le=100)
    generate_native_audio: bool = False
    model: str = DEFAULT_MODEL
    template_id: str | None = None
    title: str | None = None
    logo_key: str | None = None
    clip_order: tuple[str, ...] = ()
    status: ProjectStatus = "draft"
    completed_clip_count: int = 0
    estimated_cost_cents: int | None = None
    actual_cost_cents: int | None = None
    final_video_key: str | None = None
    draft_video_key: str | None = None
    thumbnail_key: str | None = None
    duration_seconds: float | None = None
    error_message: str | None = None
    run_id: str | None = None
    """The latest run."""
    active_run_id: str | None = None
    """The run that has the project now; until it ends, nothing else changes the project."""
    retired: bool = False
    """True while the project is being deleted; it is hidden from everybody."""
    file_keys: frozenset[str] = frozenset()
    """Every file that runs have made for the project, replaced ones too."""
    missing_clips: tuple[MissingClip, ...] = ()
    created_at: str
    updated_at: str


class MadePiece(FrozenModel):
    """A piece that a run made and paid for. `key` is the hash of the inputs it was made from."""

    key: str
    asset_key: str


class ClipRow(_Row):
    """The row of a clip. The pipeline writes `made`, `draft_made` and `transition`.

    `source_hash` and `end_hash` are SHA-256 of the verified pictures: the same picture, uploaded
    again, is the same input.
    """

    id: str
    project_id: str
    workspace_id: str
    source_key: str
    source_hash: str
    source_size: Size | None = None
    end_key: str | None = None
    end_hash: str | None = None
    end_size: Size | None = None
    """The sizes, in pixels, are None in rows from before `fit` existed."""
    fit: Fit | None = None
    """None stands for the project's."""
    room_type: RoomType = RoomType.OTHER
    room_label: str | None = None
    motion_prompt: str
    transition_type: TransitionType = "seamless"
    duration_seconds: Literal[5, 10] = 5
    status: ClipStatus = "pending"
    clip_key: str | None = None
    transition_key: str | None = None
    transition_next_id: str | None = None
    """The clip that the transition leads to; it isn't shown if another clip follows now."""
    error_message: str | None = None
    file_keys: frozenset[str] = frozenset()
    """Every file that runs have made for the clip, replaced ones too."""
    made: MadePiece | None = None
    draft_made: MadePiece | None = None
    transition: MadePiece | None = None
    created_at: str
    updated_at: str


class Film(FrozenModel):
    """A project and its clips in order."""

    project: ProjectRow
    clips: tuple[ClipRow, ...]

    def clip(self, clip_id: str) -> ClipRow | None:
        """Returns the clip of this id, or None."""
        return next((clip for clip in self.clips if clip.id == clip_id), None)

    def transitions(self) -> tuple[tuple[ClipRow, ClipRow], ...]:
        """Returns each clip with the one after it; the last clip has none."""
        return tuple(zip(self.clips, self.clips[1:], strict=False))
