"""The Director's Cut: summaries of storyboards, exports, and their settings."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypedDict

from showreel_client import values
from showreel_client.errors import GenerationError

CutAction = Literal["sync", "create", "retry"]


class ExportSettings(TypedDict, total=False):
    """The settings of an export; missing ones are the project's or the default."""

    provider: Literal["ffmpeg", "fal_remote"]
    aspect_ratio: Literal["16:9", "9:16", "1:1"]
    resolution: Literal["720p", "1080p"]
    fps: int
    codec: Literal["h264", "h265"]
    quality: Literal["draft", "standard", "high"]
    include_audio: bool
    transitions: str | Mapping[str, Any]
    music_volume: int
    fit: Literal["auto", "crop", "pad"]
    captions: Literal["none", "sidecar", "burned", "both"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class MissingShot:
    """A shot without a video or picture that can be used: `not_generated`, `generating`, `failed`
    or `unusable`.
    """

    shot_id: str
    scene_id: str = ""
    scene_number: int = 0
    shot_number: int = 0
    reason: str = ""
    image_status: str = ""
    video_status: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class AdjustedShot:
    """A shot that is shown in another way than its row says: `voice_over` (longer), `too_long`
    (shorter), `video_unusable` or `voice_over_unusable`.
    """

    shot_id: str
    scene_number: int = 0
    shot_number: int = 0
    reason: str = ""
    duration_ms: int | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class CaptionWarning:
    """A caption of a shot, or a text of the timeline's, with `characters` that can't be drawn:
    letters are `refused`, others left out of the picture.
    """

    shot_id: str | None = None
    scene_number: int | None = None
    shot_number: int | None = None
    text_id: str | None = None
    characters: str = ""
    refused: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class DirectorCutSummary:
    """Whether a storyboard can be exported, and which of its media exist."""

    total_shots: int = 0
    synced_assets: int = 0
    visual_assets: int = 0
    ready_shots: int = 0
    ready_videos: int = 0
    fallback_images: int = 0
    missing_shots: int = 0
    audio_assets: int = 0
    can_export: bool = False
    blocking_reason: str | None = None
    blocking_code: str | None = None
    duration_ms: int = 0
    revision: int = 0
    missing_shot_details: tuple[MissingShot, ...] = ()
    adjusted_shots: tuple[AdjustedShot, ...] = ()
    caption_warnings: tuple[CaptionWarning, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Export:
    """An export: `pending`, `processing`, `completed` or `failed`. `output` has all its files."""

    job_id: str
    project_id: str = ""
    status: str = ""
    progress: int = 0
    output_url: str | None = None
    error: str | None = None
    error_code: str | None = None
    provider: str = ""
    provider_status: str = ""
    fallback_used: bool = False
    fallback_reason: str | None = None
    retry_of: str | None = None
    is_new: bool = False
    queue_position: int | None = None
    credits_used: int = 0
    created_at: str = ""
    finished_at: str | None = None
    output: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    summary: DirectorCutSummary | None = None
    missing_shot_details: tuple[MissingShot, ...] = ()


class PreflightError(GenerationError):
    """The storyboard can't be exported as it is; `summary` says what is missing."""

    def __init__(self, error: GenerationError) -> None:
        codes = {"status": error.status, "server_code": error.server_code}
        super().__init__(error.message, error.code, details=error.details, **codes)  # type: ignore[arg-type]
        self.summary = summary_of(values.record(error.details.get("summary")))


def summary_of(body: Mapping[str, Any]) -> DirectorCutSummary:
    """Returns the summary in an answer."""
    return DirectorCutSummary(
        missing_shot_details=missing_of(body),
        adjusted_shots=tuple(
            AdjustedShot(shot_id=shot_id, **_scalars(AdjustedShot, one))
            for shot_id, one in _shots(body, "adjustedShots")
        ),
        caption_warnings=tuple(
            CaptionWarning(shot_id=values.text(one.get("shotId")), **_scalars(CaptionWarning, one))
            for one in _records(body, "captionWarnings")
        ),
        **_scalars(DirectorCutSummary, body),
    )


def missing_of(body: Mapping[str, Any]) -> tuple[MissingShot, ...]:
    """Returns the missing shots in an answer."""
    return tuple(
        MissingShot(shot_id=shot_id, **_scalars(MissingShot, one))
        for shot_id, one in _shots(body, "missingShotDetails")
    )


def export_of(body: Mapping[str, Any]) -> Export | None:
    """Returns the export in an answer, None if it has no id."""
    job_id, summary = values.job_id(body), values.record(body.get("summary"))
    if job_id is None:
        return None
    return Export(
        job_id=job_id,
        output=values.record(body.get("output")),
        summary=summary_of(summary) if summary else None,
        missing_shot_details=missing_of(body),
        **_scalars(Export, body),
    )


def settings_body(settings: ExportSettings) -> dict[str, Any]:
    """Returns settings in the API's form."""
    return {_camel(name): value for name, value in settings.items()}


def _shots(body: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in _records(body, name):
        shot_id = values.text(one.get("shotId"))
        if shot_id is not None:
            yield shot_id, one


def _records(body: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    listed = body.get(name)
    yield from filter(None, map(values.record, listed if isinstance(listed, list) else []))


def _scalars(kind: type, body: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the texts, numbers and flags of an answer that have their field's type."""
    found: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        given, of = body.get(_camel(field.name)), str(field.type)
        value: Any = None
        if field.name in {"shot_id", "job_id"}:
            continue
        if field.name.endswith("_url"):
            value = values.url(given)
        elif "bool" in of:
            value = given if isinstance(given, bool) else None
        elif "int" in of:
            value = values.whole(given)
        elif "str" in of and "Mapping" not in of:
            value = values.text(given)
        found |= {} if value is None else {field.name: value}
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
