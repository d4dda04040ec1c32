"""Models of projects, scenes, shots and versions, and how they are read from answers."""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Literal, TypedDict, TypeVar

from showreel_client import values

Medium = Literal["image", "video", "audio"]
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Character:
    """Somebody whom the shots show."""

    name: str
    description: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Project:
    """A storyboard: settings that all its shots share."""

    id: str
    workspace_id: str = ""
    title: str = ""
    format: str | None = None
    genre: str | None = None
    tone: str | None = None
    concept: str | None = None
    aspect_ratio: str = ""
    video_style: str | None = None
    characters: tuple[Character, ...] = ()
    reference_image_url: str | None = None
    music_track_id: str | None = None
    created_at: str = ""
    updated_at: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scene:
    """A scene of a project."""

    id: str
    project_id: str = ""
    scene_number: int | None = None
    title: str | None = None
    description: str | None = None
    location: str | None = None
    lighting: str | None = None
    weather: str | None = None
    voiceover: str | None = None
    created_at: str = ""
    updated_at: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shot:
    """A shot of a scene. `status` is how far its text is; its media have statuses of their own."""

    id: str
    project_id: str = ""
    scene_id: str = ""
    shot_number: int | None = None
    status: str = ""
    source: str = ""
    title: str | None = None
    description: str | None = None
    shot_type: str | None = None
    camera_movement: str | None = None
    prompt_idea: str | None = None
    visual_prompt: str | None = None
    dialogue: str | None = None
    sound_effects: str | None = None
    duration_ms: int | None = None
    thumbnail_url: str | None = None
    image_url: str | None = None
    image_status: str = ""
    video_url: str | None = None
    video_status: str = ""
    audio_url: str | None = None
    audio_status: str = ""
    failure_reason: str | None = None
    created_at: str = ""
    updated_at: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShotVersion:
    """A picture, video or sound that was made for a shot or that its author sent."""

    id: str
    shot_id: str = ""
    medium: str = ""
    url: str | None = None
    is_current: bool = False
    model: str | None = None
    prompt: str | None = None
    duration_seconds: float | None = None
    created_at: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShotGeneration:
    """A job that makes a picture, video or voice-over of a shot, which then shows the result."""

    id: str
    shot_id: str = ""
    kind: str = ""
    status: str = ""
    model: str = ""
    requested_model: str = ""
    fallback_used: bool = False
    fallback_reason: str | None = None
    credits: int | None = None


class ProjectFields(TypedDict, total=False):
    """Fields of a project that its author may set."""

    format: str | None
    genre: str | None
    tone: str | None
    concept: str | None
    aspect_ratio: str
    video_style: str | None
    characters: Sequence[Character]
    reference_image_url: str | None
    music_track_id: str | None


class SceneFields(TypedDict, total=False):
    """Fields of a scene that its author may set."""

    title: str | None
    description: str | None
    location: str | None
    lighting: str | None
    weather: str | None
    voiceover: str | None


class ShotFields(TypedDict, total=False):
    """Fields of a shot that its author may set; URLs are returned by `upload`, or public."""

    title: str | None
    description: str | None
    shot_type: str | None
    camera_movement: str | None
    prompt_idea: str | None
    visual_prompt: str | None
    dialogue: str | None
    sound_effects: str | None
    duration_ms: int | None
    image_url: str | None
    video_url: str | None
    audio_url: str | None


@dataclasses.dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list, and the cursor of the next part."""

    items: tuple[T, ...]
    next_cursor: str | None


Read = Callable[[Mapping[str, Any]], T]


def reader(kind: type[T], *, camel: bool = False) -> Read[T]:
    """Returns a function that reads a `kind`; fields of a wrong type are left out."""

    def read(body: Mapping[str, Any]) -> T:
        found: dict[str, Any] = {}
        for field in dataclasses.fields(kind):  # type: ignore[arg-type]  # all are dataclasses
            value = _value(field, body.get(_wire_name(field.name, camel=camel)))
            found |= {} if value is None else {field.name: value}
        return kind(**found)

    return read


def _value(field: "dataclasses.Field[Any]", given: Any) -> Any:
    if field.name.endswith("url"):
        return values.url(given)
    if field.name == "characters":
        return tuple(_characters(given))
    if field.type == tuple[str, ...]:
        return tuple(one for one in given if values.text(one)) if isinstance(given, list) else ()
    if field.type is bool:
        return given is True
    if field.type == int | None:
        return values.whole(given)
    return values.number(given) if field.type == float | None else values.text(given)


def _characters(given: Any) -> Iterator[Character]:
    for one in map(values.record, given if isinstance(given, list) else []):
        name = values.text(one.get("name"))
        if name:
            yield Character(name, values.text(one.get("description")))


def _wire_name(name: str, *, camel: bool) -> str:
    if camel:
        return re.sub(r"_(\w)", lambda found: found[1].upper(), name)
    return "thumbnail" if name == "thumbnail_url" else name


project = reader(Project, camel=True)
scene = reader(Scene)
shot = reader(Shot)
version = reader(ShotVersion)
generation = reader(ShotGeneration)


def project_body(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a project's fields in the API's form."""
    body = {_wire_name(name, camel=True): value for name, value in fields.items()}
    if "characters" in body:
        body["characters"] = [dataclasses.asdict(one) for one in body["characters"]]
    return body
