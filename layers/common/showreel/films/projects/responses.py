"""Response bodies of video projects, in camelCase, with permanent URLs in place of object keys."""

from showreel.assets.keys import public_url
from showreel.core.framing import Fit
from showreel.core.wire import Wire
from showreel.films.projects.models import (
    AspectRatio,
    ClipStatus,
    Film,
    ProjectRow,
    ProjectStatus,
    Resolution,
    TransitionType,
)
from showreel.films.projects.rooms import MOTION_PROMPTS, RoomType
from showreel.films.projects.templates import TEMPLATES, Template


class ClipView(Wire):
    """One clip. `sequence_order` counts from 0. Without a `fit` it has the project's."""

    id: str
    sequence_order: int
    source_image_url: str
    end_image_url: str | None
    room_type: RoomType
    room_label: str | None
    motion_prompt: str
    transition_type: TransitionType
    duration_seconds: int
    fit: Fit | None
    status: ClipStatus
    clip_url: str | None
    transition_clip_url: str | None
    error_message: str | None
    created_at: str
    updated_at: str


class MissingClipView(Wire):
    """A clip that the film had to do without, and why."""

    clip_id: str
    reason: str


class VideoProjectSummary(Wire):
    """A project in a list. Costs in US cents."""

    id: str
    workspace_id: str
    name: str
    description: str | None
    aspect_ratio: AspectRatio
    resolution: Resolution
    fit: Fit
    music_track_id: str | None
    music_volume: int
    generate_native_audio: bool
    model: str
    template_id: str | None
    title: str | None
    logo_url: str | None
    status: ProjectStatus
    clip_count: int
    completed_clip_count: int
    estimated_cost: int | None
    actual_cost: int | None
    final_video_url: str | None
    draft_video_url: str | None
    thumbnail_url: str | None
    duration_seconds: float | None
    error_message: str | None
    trigger_run_id: str | None
    missing_clips: list[MissingClipView]
    created_at: str
    updated_at: str


class VideoProject(VideoProjectSummary):
    """A project with its clips in order."""

    clips: list[ClipView]


class VideoProjectPage(Wire):
    """Projects of a workspace, newest first."""

    items: list[VideoProjectSummary]
    next_cursor: str | None


class TemplateRoom(Wire):
    """One place of a template."""

    room_type: RoomType
    room_label: str
    motion_prompt: str


class TemplateView(Wire):
    """A ready structure for a film."""

    id: str
    name: str
    description: str
    clip_count: int
    rooms: list[TemplateRoom]


class TemplatePage(Wire):
    """All templates, and every room that a clip may show, in tour order."""

    items: list[TemplateView]
    next_cursor: str | None = None
    rooms: list[TemplateRoom]


def project_view(film: Film, base_url: str) -> VideoProject:
    """Returns the project's response body, with its clips."""
    clips = [clip_view(film, position, base_url) for position in range(len(film.clips))]
    return VideoProject(**_project_fields(film.project, base_url), clips=clips)


def summary_view(project: ProjectRow, base_url: str) -> VideoProjectSummary:
    """Returns the project's response body without its clips."""
    return VideoProjectSummary(**_project_fields(project, base_url))


def one_clip_view(film: Film, clip_id: str, base_url: str) -> ClipView:
    """Returns the response body of a clip that the film has."""
    return clip_view(film, film.project.clip_order.index(clip_id), base_url)


def clip_view(film: Film, position: int, base_url: str) -> ClipView:
    """Returns a clip's response body. Its transition is shown only if it leads to the next clip."""
    clip, following = film.clips[position], film.clips[position + 1 : position + 2]
    fits = any(clip.transition_next_id in {None, other.id} for other in following)
    return ClipView(
        **clip.model_dump(include=set(ClipView.model_fields) - {"sequence_order"}),
        sequence_order=position,
        source_image_url=public_url(base_url, clip.source_key),
        end_image_url=_url(base_url, clip.end_key),
        clip_url=_url(base_url, clip.clip_key),
        transition_clip_url=_url(base_url, clip.transition_key) if fits else None,
    )


def templates_view() -> TemplatePage:
    """Returns all templates and rooms."""
    return TemplatePage(
        items=[_template_view(template) for template in TEMPLATES],
        rooms=[_room_view(room_type) for room_type in RoomType],
    )


def _project_fields(project: ProjectRow, base_url: str) -> dict[str, object]:
    return {
        **project.model_dump(include=set(VideoProjectSummary.model_fields)),
        "logo_url": _url(base_url, project.logo_key),
        "clip_count": len(project.clip_order),
        "estimated_cost": project.estimated_cost_cents,
        "actual_cost": project.actual_cost_cents,
        "final_video_url": _url(base_url, project.final_video_key),
        "draft_video_url": _url(base_url, project.draft_video_key),
        "thumbnail_url": _url(base_url, project.thumbnail_key),
        "trigger_run_id": project.run_id,
        "missing_clips": [missing.model_dump() for missing in project.missing_clips],
    }


def _template_view(template: Template) -> TemplateView:
    return TemplateView(
        id=template.id,
        name=template.name,
        description=template.description,
        clip_count=len(template.rooms),
        rooms=[_room_view(room_type) for room_type in template.rooms],
    )


def _room_view(room_type: RoomType) -> TemplateRoom:
    prompt = MOTION_PROMPTS[room_type]
    return TemplateRoom(room_type=room_type, room_label=room_type.label, motion_prompt=prompt)


def _url(base_url: str, key: str | None) -> str | None:
    return public_url(base_url, key) if key else None
