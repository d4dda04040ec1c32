"""Models of storyboards as stored: projects, scenes, shots, and versions of a shot's media.

Rows hold object keys, never URLs. The numbers of scenes and shots aren't on their rows but in one
row of the parent (`numbers.py`), so that they are unique and a new order is one write.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field

from showreel.core.models import FrozenModel

AspectRatio = Literal["16:9", "9:16", "1:1"]
ShotType = Literal["wide", "medium", "close_up", "detail", "over_shoulder", "pov", "aerial"]
Phase = Literal["creating", "drafting", "enriching", "ready"]
"""How far the text of a shot is."""
TextSource = Literal["user", "model", "template"]
"""Who wrote a shot."""
Medium = Literal["image", "video", "audio"]
MediumStatus = Literal["pending", "prompt_ready", "generating", "completed", "failed"]

MEDIA: tuple[Medium, ...] = ("image", "video", "audio")
UNMADE: tuple[MediumStatus, ...] = ("pending", "prompt_ready", "failed")
"""The statuses from which a medium is first made."""
MAX_SCENES = 200
MAX_SHOTS = 500
"""Per scene. With `MAX_SCENES` it bounds a row of numbers to 25 KB."""
MAX_NUMBER = 99_999
KEYS = frozenset({"pk", "sk", "list_key"})


class _Row(FrozenModel):
    """A row as a typed value. `request_digest` is of the request with a key that made it."""

    request_digest: str | None = None

    @classmethod
    def from_item(cls, item: Mapping[str, Any], **more: Any) -> Self:
        """Returns the row of a DynamoDB item, with `more` attributes that it doesn't have."""
        return cls.model_validate({name: item[name] for name in item if name not in KEYS} | more)


class Character(FrozenModel):
    """A person in the film, who looks the same in every shot."""

    name: str
    description: str | None = None


class StoryboardRow(_Row):
    """A project: settings that all its shots share."""

    id: str
    workspace_id: str
    owner_user_id: str
    title: str
    format: str | None = None
    genre: str | None = None
    tone: str | None = None
    concept: str | None = None
    aspect_ratio: AspectRatio = "16:9"
    video_style: str | None = None
    characters: tuple[Character, ...] = ()
    reference_image_key: str | None = None
    """The picture given to models that take one, so that shots look alike."""
    music_track_id: str | None = None
    """The track of music for its timeline."""
    images_run_id: str | None = None
    videos_run_id: str | None = None
    """The latest runs that make all its pictures or videos."""
    retired: bool = False
    """True while it is being deleted; it is hidden from everybody."""
    created_at: str
    updated_at: str


class SceneRow(_Row):
    """A scene. `scene_number` comes from the project's numbers."""

    id: str
    project_id: str
    workspace_id: str
    scene_number: int = 0
    title: str | None = None
    description: str | None = None
    location: str | None = None
    lighting: str | None = None
    weather: str | None = None
    voiceover: str | None = None
    retired: bool = False
    created_at: str
    updated_at: str


class MediumState(FrozenModel):
    """The picture, video or sound of a shot. While `generating`, job `job_id` has its lock."""

    status: MediumStatus = "pending"
    key: str | None = None
    """The object that is shown; it stays while another is made, and if that fails."""
    version: int | None = None
    """The version that is shown."""
    versions: int = 0
    """How many versions there are."""
    made_by: str | None = None
    """The job that made the latest version."""
    job_id: str | None = None
    """The job that has the lock, or had it last."""
    before: MediumStatus | None = None
    """The status when the lock was taken, to which it returns if nothing is made."""
    failure_reason: str | None = None


class ShotRow(_Row):
    """A shot. `shot_number` comes from the scene's numbers."""

    id: str
    project_id: str
    scene_id: str
    workspace_id: str
    shot_number: int = 0
    status: Phase = "ready"
    source: TextSource = "user"
    title: str | None = None
    description: str | None = None
    shot_type: ShotType | None = None
    camera_movement: str | None = None
    prompt_idea: str | None = None
    visual_prompt: str | None = None
    dialogue: str | None = None
    sound_effects: str | None = None
    duration_ms: int | None = None
    image: MediumState = Field(default_factory=MediumState)
    video: MediumState = Field(default_factory=MediumState)
    audio: MediumState = Field(default_factory=MediumState)
    retired: bool = False
    created_at: str
    updated_at: str

    def medium(self, medium: Medium) -> MediumState:
        """Returns the state of one of its media."""
        state: MediumState = getattr(self, medium)
        return state

    @property
    def failure_reason(self) -> str | None:
        """The failure reason of the first of its media that has one."""
        reasons = (self.medium(medium).failure_reason for medium in MEDIA)
        return next((reason for reason in reasons if reason), None)


class VersionRow(_Row):
    """A picture, video or sound that a job made for a shot or a user sent. Never changed."""

    medium: Medium
    number: int
    key: str
    job_id: str | None = None
    model: str | None = None
    prompt: str | None = None
    duration_seconds: float | None = None
    created_at: str

    @property
    def id(self) -> str:
        """Its id within the shot, e.g. `image-3`."""
        return f"{self.medium}-{self.number}"


@dataclass(frozen=True)
class SceneInProject:
    """A scene with the project that it belongs to."""

    project: StoryboardRow
    scene: SceneRow


@dataclass(frozen=True)
class ShotInProject(SceneInProject):
    """A shot with its scene and project, which its prompts need."""

    shot: ShotRow
