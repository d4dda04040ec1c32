"""Request bodies. Projects in camelCase, scenes and shots in snake_case, as documented.

All are bounded; unknown fields are dropped. Numbers and statuses can't be set.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from showreel.core.errors import InvalidInput
from showreel.core.text import plain_text
from showreel.core.wire import Body
from showreel.edge.fields import Id, Label, MediaUrl, Name, Prompt, Text
from showreel.edge.queries import Query
from showreel.storyboards.models import (
    MAX_SCENES,
    MAX_SHOTS,
    MEDIA,
    AspectRatio,
    Medium,
    ShotType,
)

MAX_CHARACTERS = 12
Concept = Annotated[
    str, StringConstraints(min_length=1, max_length=5000), AfterValidator(plain_text)
]
MEDIA_URLS = {f"{medium}_url" for medium in MEDIA}
OneMedium = Annotated[Medium | None, Query(description="only of this medium")]
Milliseconds = Annotated[int, Field(ge=500, le=60_000, strict=True)]


class CharacterFields(Body):
    """Somebody whom the shots show."""

    name: Label
    description: Text | None = None


class StoryboardFields(Body):
    """Fields of a project that its author may set; all are optional."""

    format: Label | None = None
    genre: Label | None = None
    tone: Label | None = None
    concept: Concept | None = None
    aspect_ratio: AspectRatio = "16:9"
    video_style: Text | None = None
    characters: list[CharacterFields] = Field(default=[], max_length=MAX_CHARACTERS)
    reference_image_url: MediaUrl | None = None
    music_track_id: Id | None = None

    def stored(self) -> dict[str, Any]:
        """Returns the attributes that the body names, except the picture."""
        return self.model_dump(include=set(self.given() - {"reference_image_url"}))


class NewStoryboard(StoryboardFields):
    """A project to create."""

    workspace_id: Id
    title: Name


class StoryboardChange(StoryboardFields):
    """Changes of a project: only what the body names changes; null clears what may be empty."""

    title: Name | None = None

    def require_meaning(self) -> None:
        """Raises InvalidInput for a null title, which a project always has."""
        if "title" in self.given() and self.title is None:
            raise InvalidInput("title: a project always has a title", field="title")


class SceneFields(Body):
    """What a scene's author may set. In a change only what the body names; null clears it."""

    model_config = ConfigDict(alias_generator=None)

    title: Name | None = None
    description: Text | None = None
    location: Text | None = None
    lighting: Text | None = None
    weather: Text | None = None
    voiceover: Concept | None = None


class SceneOrder(Body):
    """Every scene of the project, once, in the new order."""

    model_config = ConfigDict(alias_generator=None)

    scene_ids: Annotated[list[Id], Field(max_length=MAX_SCENES)]


class ShotFields(Body):
    """What a shot's author may set. In a change only what the body names; null clears it."""

    model_config = ConfigDict(alias_generator=None)

    title: Name | None = None
    description: Text | None = None
    shot_type: ShotType | None = None
    camera_movement: Name | None = None
    prompt_idea: Text | None = None
    visual_prompt: Prompt | None = None
    dialogue: Text | None = None
    sound_effects: Text | None = None
    duration_ms: Milliseconds | None = None
    image_url: MediaUrl | None = None
    video_url: MediaUrl | None = None
    audio_url: MediaUrl | None = None

    def media_url(self, medium: Medium) -> str | None:
        """Returns the URL of the author's own file for a medium, None without one."""
        url: str | None = getattr(self, f"{medium}_url")
        return url

    def stored(self) -> dict[str, Any]:
        """Returns the attributes that the body names, except the media."""
        return self.model_dump(include=set(self.given() - MEDIA_URLS))


class ShotOrder(Body):
    """Every shot of the scene, once, in the new order."""

    model_config = ConfigDict(alias_generator=None)

    shot_ids: Annotated[list[Id], Field(max_length=MAX_SHOTS)]
