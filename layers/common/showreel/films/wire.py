"""What clients send: camelCase, bounded, unknown fields ignored and never stored."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from showreel.core.errors import InvalidInput
from showreel.core.text import plain_line, plain_text
from showreel.films.models import (
    DEFAULT_MODEL,
    AspectRatio,
    Resolution,
    TransitionType,
)
from showreel.films.rooms import RoomType

MAX_LISTED_CLIPS = 100
"""Clips in one body. More than a film holds is `too_many_clips`; more than this isn't read."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(plain_line)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(plain_line)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(plain_text)]
Prompt = Annotated[
    str, StringConstraints(min_length=1, max_length=2500), AfterValidator(plain_text)
]
MediaUrl = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}$")]
Seconds = Annotated[Literal[5, 10], Field(description="length of the clip, in seconds")]
Volume = Annotated[int, Field(ge=0, le=100, strict=True, description="music volume in percent")]
Flag = Annotated[bool, Field(strict=True)]


class Wire(BaseModel):
    """Base of every body: camelCase outside, snake_case inside."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    def given(self) -> frozenset[str]:
        """The fields that the body really names, in snake_case."""
        return frozenset(self.model_fields_set)


class ClipFields(Wire):
    """What a clip's author may set; all of it optional when a clip is changed."""

    end_image_url: MediaUrl | None = None
    room_type: RoomType | None = None
    room_label: Label | None = None
    motion_prompt: Prompt | None = None
    transition_type: TransitionType = "seamless"
    duration_seconds: Seconds = 5


class NewClip(ClipFields):
    """A clip to add."""

    source_image_url: MediaUrl


class ClipChange(ClipFields):
    """Changes of a clip: only what the body names changes; null clears what may be empty."""

    source_image_url: MediaUrl | None = None

    def require_meaning(self) -> None:
        """Raises InvalidInput for null where a clip always has a value."""
        if "source_image_url" in self.given() and self.source_image_url is None:
            raise InvalidInput("sourceImageUrl: a clip always has an image")
        if "room_type" in self.given() and self.room_type is None:
            raise InvalidInput("roomType: a clip always has a room")


class ProjectFields(Wire):
    """What a project's author may set."""

    description: Text | None = None
    aspect_ratio: AspectRatio = "16:9"
    music_track_id: Id | None = None
    resolution: Resolution = "1080p"
    music_volume: Volume = 50
    generate_native_audio: Flag = False
    model: Id = DEFAULT_MODEL
    template_id: Id | None = None
    title: Label | None = None
    logo_url: MediaUrl | None = None


class NewProject(ProjectFields):
    """A project to create. `arrange` sorts the clips into tour order."""

    name: Name
    workspace_id: Id
    clips: Annotated[list[NewClip], Field(max_length=MAX_LISTED_CLIPS)] = []
    arrange: Flag = False


class ProjectChange(ProjectFields):
    """Changes of a project: only what the body names changes; null clears what may be empty."""

    name: Name | None = None

    def require_meaning(self) -> None:
        """Raises InvalidInput for null where a project always has a value."""
        if "name" in self.given() and self.name is None:
            raise InvalidInput("name: a project always has a name")


class ClipOrder(Wire):
    """Every clip of the project, once, in the new order."""

    clip_ids: Annotated[list[Id], Field(max_length=MAX_LISTED_CLIPS)]


class NewMusicTrack(Wire):
    """A track of the workspace's own."""

    workspace_id: Id
    name: Name
    url: MediaUrl
