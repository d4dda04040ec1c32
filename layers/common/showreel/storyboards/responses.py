"""Response bodies of storyboards, with permanent URLs in place of object keys."""

from pydantic import ConfigDict

from showreel.assets.keys import public_url
from showreel.core.wire import Wire
from showreel.storyboards.models import (
    AspectRatio,
    Medium,
    MediumStatus,
    Phase,
    SceneRow,
    ShotRow,
    ShotType,
    StoryboardRow,
    TextSource,
    VersionRow,
)


class CharacterView(Wire):
    """Somebody whom the shots show."""

    name: str
    description: str | None


class Storyboard(Wire):
    """A project."""

    id: str
    workspace_id: str
    title: str
    format: str | None
    genre: str | None
    tone: str | None
    concept: str | None
    aspect_ratio: AspectRatio
    video_style: str | None
    characters: list[CharacterView]
    reference_image_url: str | None
    music_track_id: str | None
    created_at: str
    updated_at: str


class StoryboardPage(Wire):
    """Projects of a workspace, newest first."""

    items: list[Storyboard]
    next_cursor: str | None


class SceneView(Wire):
    """A scene."""

    model_config = ConfigDict(alias_generator=None)

    id: str
    project_id: str
    scene_number: int
    title: str | None
    description: str | None
    location: str | None
    lighting: str | None
    weather: str | None
    voiceover: str | None
    created_at: str
    updated_at: str


class ScenePage(Wire):
    """Scenes of a project by their numbers."""

    items: list[SceneView]
    next_cursor: str | None


class ShotView(Wire):
    """A shot. `thumbnail` is its picture; `status` is how far its text is."""

    model_config = ConfigDict(alias_generator=None)

    id: str
    project_id: str
    scene_id: str
    shot_number: int
    status: Phase
    source: TextSource
    title: str | None
    description: str | None
    shot_type: ShotType | None
    camera_movement: str | None
    prompt_idea: str | None
    visual_prompt: str | None
    dialogue: str | None
    sound_effects: str | None
    duration_ms: int | None
    thumbnail: str | None
    image_url: str | None
    image_status: MediumStatus
    video_url: str | None
    video_status: MediumStatus
    audio_url: str | None
    audio_status: MediumStatus
    failure_reason: str | None
    created_at: str
    updated_at: str


class ShotPage(Wire):
    """Shots of a scene by their numbers."""

    items: list[ShotView]
    next_cursor: str | None


class VersionView(Wire):
    """A picture, video or sound that was made for a shot. `is_current` marks the one shown."""

    model_config = ConfigDict(alias_generator=None)

    id: str
    shot_id: str
    medium: Medium
    url: str
    is_current: bool
    model: str | None
    prompt: str | None
    duration_seconds: float | None
    created_at: str


class VersionPage(Wire):
    """Versions of a shot, newest first within each medium."""

    items: list[VersionView]
    next_cursor: str | None


def storyboard_view(project: StoryboardRow, base_url: str) -> Storyboard:
    """Returns a project's response body."""
    return Storyboard(
        **project.model_dump(include=set(Storyboard.model_fields)),
        reference_image_url=_url(base_url, project.reference_image_key),
    )


def scene_view(scene: SceneRow) -> SceneView:
    """Returns a scene's response body."""
    return SceneView(**scene.model_dump(include=set(SceneView.model_fields)))


def shot_view(shot: ShotRow, base_url: str) -> ShotView:
    """Returns a shot's response body."""
    return ShotView(
        **shot.model_dump(include=set(ShotView.model_fields)),
        thumbnail=_url(base_url, shot.image.key),
        image_url=_url(base_url, shot.image.key),
        image_status=shot.image.status,
        video_url=_url(base_url, shot.video.key),
        video_status=shot.video.status,
        audio_url=_url(base_url, shot.audio.key),
        audio_status=shot.audio.status,
        failure_reason=shot.failure_reason,
    )


def version_view(shot: ShotRow, version: VersionRow, base_url: str) -> VersionView:
    """Returns the response body of a shot's version."""
    return VersionView(
        **version.model_dump(include=set(VersionView.model_fields)),
        id=version.id,
        shot_id=shot.id,
        url=public_url(base_url, version.key),
        is_current=shot.medium(version.medium).version == version.number,
    )


def _url(base_url: str, key: str | None) -> str | None:
    return public_url(base_url, key) if key else None
