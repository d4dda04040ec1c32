"""Turns request bodies into rows, the URLs to fetch and the attributes to change."""

from showreel.assets.models import StoredImage
from showreel.assets.pictures import Pictures, is_current
from showreel.core.clock import now_iso
from showreel.core.ids import new_id
from showreel.films.projects import edits
from showreel.films.projects.models import ClipRow, Film, ProjectRow
from showreel.films.projects.rooms import MOTION_PROMPTS, TOUR_ORDER, RoomType
from showreel.films.projects.schemas import ClipChange, NewClip, NewProject
from showreel.films.projects.templates import room_at
from showreel.identity import Caller


def new_project(caller: Caller, request: NewProject) -> ProjectRow:
    """Returns the row of a new project, before its pictures are fetched."""
    now = now_iso()
    chosen = request.model_dump(exclude={"clips", "arrange", "logo_url"}, exclude_none=True)
    return ProjectRow(
        **chosen, id=new_id("vp"), owner_user_id=caller.user_id, created_at=now, updated_at=now
    )


def project_urls(request: NewProject) -> dict[str, str]:
    """Returns the picture URLs of a new project by field, e.g. `clips.3.sourceImageUrl`."""
    urls = {"logoUrl": request.logo_url} if request.logo_url else {}
    for position, clip in enumerate(request.clips):
        urls |= clip_urls(clip, f"clips.{position}.")
    return urls


def clip_urls(clip: NewClip | ClipChange, prefix: str = "") -> dict[str, str]:
    """Returns the picture URLs of a clip by field, each with `prefix`."""
    urls = {"sourceImageUrl": clip.source_image_url, "endImageUrl": clip.end_image_url}
    return {f"{prefix}{field}": url for field, url in urls.items() if url}


def new_film(project: ProjectRow, request: NewProject, pictures: Pictures) -> Film:
    """Returns the new film with its clips in order; `arrange` sorts them into tour order."""
    clips = [
        new_clip(project, clip, position, pictures, f"clips.{position}.")
        for position, clip in enumerate(request.clips)
    ]
    if request.arrange:
        clips.sort(key=lambda clip: TOUR_ORDER[clip.room_type])
    logo = pictures.get("logoUrl")
    filled = {"clip_order": tuple(clip.id for clip in clips), "logo_key": logo and logo.key}
    return Film(project=project.model_copy(update=filled), clips=tuple(clips))


def new_clip(
    project: ProjectRow, clip: NewClip, position: int, pictures: Pictures, prefix: str = ""
) -> ClipRow:
    """Returns the row of a new clip; without a room it gets the template's room at its position."""
    now = now_iso()
    source, end = pictures[f"{prefix}sourceImageUrl"], pictures.get(f"{prefix}endImageUrl")
    room_type = clip.room_type or room_at(project.template_id, position)
    return ClipRow(
        id=new_id("clip"),
        project_id=project.id,
        workspace_id=project.workspace_id,
        source_key=source.key,
        source_hash=source.sha256,
        source_size=(source.width, source.height),
        end_key=end.key if end else None,
        end_hash=end.sha256 if end else None,
        end_size=(end.width, end.height) if end else None,
        fit=clip.fit,
        room_type=room_type,
        room_label=clip.room_label,
        motion_prompt=clip.motion_prompt or MOTION_PROMPTS[room_type],
        transition_type=clip.transition_type,
        duration_seconds=clip.duration_seconds,
        created_at=now,
        updated_at=now,
    )


def new_urls(clip: ClipRow, request: ClipChange, base_url: str) -> dict[str, str]:
    """Returns the URLs that differ from the clip's own: clients may send back what they read."""
    current = {"sourceImageUrl": clip.source_key, "endImageUrl": clip.end_key}
    return {
        field: url
        for field, url in clip_urls(request).items()
        if not is_current(url, current[field], base_url)
    }


def clip_changes(
    film: Film, clip_id: str, request: ClipChange, pictures: Pictures
) -> dict[str, object]:
    """Returns the attributes that the request changes, relative to the clip's present row."""
    clip, given = edits.require_clip(film, clip_id), request.given()
    plain = {"room_type", "room_label", "transition_type", "duration_seconds", "fit"} & given
    changes: dict[str, object] = request.model_dump(include=plain)
    changes |= _picture_changes("source", pictures.get("sourceImageUrl"))
    changes |= _picture_changes("end", pictures.get("endImageUrl"))
    if "end_image_url" in given and request.end_image_url is None:
        changes |= {"end_key": None, "end_hash": None, "end_size": None}
    if given & {"room_type", "motion_prompt"}:
        room_type = request.room_type or clip.room_type
        changes["motion_prompt"] = _prompt_after(clip, request, room_type)
    return changes


def _prompt_after(clip: ClipRow, request: ClipChange, room_type: RoomType) -> str:
    """Returns the given prompt; the room's default for a new room or a cleared prompt."""
    if request.motion_prompt:
        return request.motion_prompt
    is_stale = "motion_prompt" in request.given() or room_type != clip.room_type
    return MOTION_PROMPTS[room_type] if is_stale else clip.motion_prompt


def _picture_changes(name: str, picture: StoredImage | None) -> dict[str, object]:
    if picture is None:
        return {}
    size = (picture.width, picture.height)
    return {f"{name}_key": picture.key, f"{name}_hash": picture.sha256, f"{name}_size": size}
