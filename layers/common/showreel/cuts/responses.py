"""Response bodies of timelines and exports."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic.alias_generators import to_camel

from showreel.assets.keys import public_url
from showreel.core.framing import Fit
from showreel.core.wire import Wire
from showreel.cuts.models import (
    ExportSettings,
    ExportTransitionKind,
    RendererName,
    RowKind,
    Timeline,
)
from showreel.cuts.plan import CutClip, make_plan

MissingReason = Literal["not_generated", "generating", "failed", "unusable"]
Adjustment = Literal["voice_over", "too_long", "video_unusable", "voice_over_unusable"]
Blocking = Literal["no_shots", "missing_shots", "no_visuals", "stale_timeline"]
ExportStatus = Literal["pending", "processing", "completed", "failed"]


class MissingShot(Wire):
    """A shot that can't be shown, and why."""

    shot_id: str
    scene_id: str
    scene_number: int
    shot_number: int
    reason: MissingReason
    image_status: str
    video_status: str


class AdjustedShot(Wire):
    """A shot that is shown in another way than it says: longer because of its voice-over, shorter
    because its video is too long, or without a file that can't be used.
    """

    shot_id: str
    scene_number: int
    shot_number: int
    reason: Adjustment
    duration_ms: int | None


class CaptionWarning(Wire):
    """A caption of a shot, or a text of the timeline's, with characters that the captions' font
    doesn't have. Letters are refused, others left out of the picture.
    """

    shot_id: str | None
    scene_number: int | None
    shot_number: int | None
    text_id: str | None
    characters: str
    refused: bool


class Summary(Wire):
    """The documented `DirectorCutSummary`, with additional fields."""

    total_shots: int
    synced_assets: int
    visual_assets: int
    ready_shots: int
    ready_videos: int
    fallback_images: int
    missing_shots: int
    audio_assets: int
    can_export: bool
    blocking_reason: str | None
    blocking_code: Blocking | None
    missing_shot_details: list[MissingShot]
    adjusted_shots: list[AdjustedShot]
    caption_warnings: list[CaptionWarning]
    duration_ms: int
    revision: int


class Synced(Wire):
    """Answer of `sync`."""

    success: bool = True
    summary: Summary


class CreatedExport(Wire):
    """Answer of `create` and `retry`."""

    success: bool = True
    status: ExportStatus
    job_id: str
    progress: int
    provider: RendererName
    provider_status: str
    fallback_used: bool
    fallback_reason: str | None
    retry_of: str | None
    is_new: bool
    """False for an export that was on its way before."""
    summary: Summary | None


class ExportState(Wire):
    """Answer of `status`."""

    status: ExportStatus
    progress: int
    output_url: str | None
    error: str | None
    provider: RendererName
    provider_status: str
    fallback_used: bool
    fallback_reason: str | None
    job_id: str
    project_id: str
    retry_of: str | None
    error_code: str | None
    queue_position: int | None
    credits_used: int
    output: dict[str, Any]
    missing_shot_details: list[MissingShot]
    created_at: str
    finished_at: str | None


class TransitionView(Wire):
    """How a row meets the next one."""

    type: ExportTransitionKind
    duration_ms: int


class RowView(Wire):
    """A row. `startMs` and `shownMs` are as in an export of the usual settings."""

    id: str
    shot_id: str
    scene_id: str
    scene_number: int
    shot_number: int
    title: str | None
    kind: RowKind
    url: str
    source_ms: int | None
    in_ms: int
    duration_ms: int
    included: bool
    start_ms: int | None
    shown_ms: int | None
    volume: int
    fit: Fit | None
    transition: TransitionView | None
    voice_over_url: str | None
    voice_over_ms: int | None
    voice_volume: int
    caption: str | None
    edited: list[str]


class TextView(Wire):
    """A text over the film."""

    id: str
    text: str
    start_ms: int
    end_ms: int


class MusicView(Wire):
    """The music under the film."""

    track_id: str
    volume: int


class TimelineView(Wire):
    """The timeline of a project; revision 0 has never been synchronised."""

    project_id: str
    revision: int
    duration_ms: int
    rows: list[RowView]
    texts: list[TextView]
    music: MusicView | None
    edited: list[str]


def timeline_view(timeline: Timeline, settings: ExportSettings, base_url: str) -> TimelineView:
    """Returns the response body of a timeline, with times as in an export with these settings."""
    plan = make_plan(timeline, settings)
    clips = {clip.row_id: clip for clip in plan.clips}
    return TimelineView(
        project_id=timeline.project_id,
        revision=timeline.revision,
        duration_ms=round(1000 * plan.seconds),
        rows=list(_rows(timeline, clips, settings.fps, base_url)),
        texts=[
            TextView(
                id=text.id,
                text=text.text,
                start_ms=text.start_ms,
                end_ms=text.end_ms,
            )
            for text in timeline.texts
        ],
        music=MusicView(**timeline.music.model_dump()) if timeline.music else None,
        edited=sorted(timeline.edited),
    )


def _rows(
    timeline: Timeline, clips: Mapping[str, CutClip], fps: int, base_url: str
) -> Iterator[RowView]:
    for row in timeline.rows:
        clip, speech, transition = clips.get(row.id), row.voice_over, row.transition
        yield RowView(
            **row.model_dump(include=set(RowView.model_fields) - {"transition", "edited"}),
            shot_id=row.id,
            url=public_url(base_url, row.key),
            start_ms=round(1000 * clip.start / fps) if clip else None,
            shown_ms=round(1000 * clip.frames / fps) if clip else None,
            transition=TransitionView(type=transition.kind, duration_ms=transition.duration_ms)
            if transition
            else None,
            voice_over_url=public_url(base_url, speech.key) if speech else None,
            voice_over_ms=speech.source_ms if speech else None,
            edited=sorted(map(to_camel, row.edited)),
        )
