"""Request bodies of video projects, in camelCase and bounded; unknown fields are dropped."""

from typing import Annotated, Literal

from pydantic import Field

from showreel.core.errors import InvalidInput
from showreel.core.framing import Fit
from showreel.core.wire import Body
from showreel.edge.fields import Id, Label, MediaUrl, Name, Prompt, Text
from showreel.films.projects.models import (
    DEFAULT_MODEL,
    AspectRatio,
    Resolution,
    TransitionType,
)
from showreel.films.projects.rooms import RoomType

MAX_LISTED_CLIPS = 100
"""The most clips that one body may have; above what a film holds it is `too_many_clips`."""

Seconds = Annotated[Literal[5, 10], Field(description="length of the clip, in seconds")]
Volume = Annotated[int, Field(ge=0, le=100, strict=True, description="music volume in percent")]
ChosenFit = Annotated[Fit, Field(description="how pictures of another shape fill the frame")]
Flag = Annotated[bool, Field(strict=True)]


class ClipFields(Body):
    """Fields of a clip that its author may set; all are optional when a clip is changed."""

    end_image_url: MediaUrl | None = None
    room_type: RoomType | None = None
    room_label: Label | None = None
    motion_prompt: Prompt | None = None
    transition_type: TransitionType = "seamless"
    duration_seconds: Seconds = 5
    fit: ChosenFit | None = None


class NewClip(ClipFields):
    """A clip to add."""

    source_image_url: MediaUrl


class ClipChange(ClipFields):
    """Changes of a clip: only what the body names changes; null clears what may be empty."""

    source_image_url: MediaUrl | None = None

    def require_meaning(self) -> None:
        """Raises InvalidInput for a null in a field that a clip always has."""
        if "source_image_url" in self.given() and self.source_image_url is None:
            raise InvalidInput("sourceImageUrl: a clip always has an image", field="sourceImageUrl")
        if "room_type" in self.given() and self.room_type is None:
            raise InvalidInput("roomType: a clip always has a room", field="roomType")


class ProjectFields(Body):
    """Fields of a project that its author may set."""

    description: Text | None = None
    aspect_ratio: AspectRatio = "16:9"
    music_track_id: Id | None = None
    resolution: Resolution = "1080p"
    fit: ChosenFit = "auto"
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
    clips: list[NewClip] = Field(default=[], max_length=MAX_LISTED_CLIPS)
    arrange: Flag = False


class ProjectChange(ProjectFields):
    """Changes of a project: only what the body names changes; null clears what may be empty."""

    name: Name | None = None

    def require_meaning(self) -> None:
        """Raises InvalidInput for a null name, which a project always has."""
        if "name" in self.given() and self.name is None:
            raise InvalidInput("name: a project always has a name", field="name")


class ClipOrder(Body):
    """Every clip of the project, once, in the new order."""

    clip_ids: Annotated[list[Id], Field(max_length=MAX_LISTED_CLIPS)]
