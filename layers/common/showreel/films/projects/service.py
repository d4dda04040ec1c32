"""Use cases of video projects and their clips.

Each checks membership first, then what needs no network, then fetches pictures, then writes one
transaction. Missing and foreign ids give the same NotFound.
"""

from showreel.assets.pictures import imported, is_current, object_keys
from showreel.assets.service import delete_assets
from showreel.films.projects import edits
from showreel.films.projects import responses as views
from showreel.films.projects.access import films, require_film
from showreel.films.projects.build import (
    clip_changes,
    clip_urls,
    new_clip,
    new_film,
    new_project,
    new_urls,
    project_urls,
)
from showreel.films.projects.checks import (
    require_film_model,
    require_fit,
    require_room,
    require_template,
)
from showreel.films.projects.estimate import Estimate, estimate
from showreel.films.projects.models import Film
from showreel.films.projects.rows import film_pk, require_editable
from showreel.films.projects.schemas import (
    ClipChange,
    ClipOrder,
    NewClip,
    NewProject,
    ProjectChange,
)
from showreel.films.projects.store import Edit
from showreel.identity import Caller, require_member
from showreel.music import library as music


def create(caller: Caller, request: NewProject, base_url: str) -> views.VideoProject:
    """Creates a project with its clips. Raises NotFound, InvalidInput, MediaError."""
    require_member(caller, request.workspace_id)
    require_room(len(request.clips))
    require_template(request.template_id)
    project = new_project(caller, request)
    require_fit(
        project,
        (clip.duration_seconds for clip in request.clips),
        has_end_images=any(clip.end_image_url for clip in request.clips),
    )
    music.require_track(request.workspace_id, request.music_track_id)
    owner, urls = film_pk(project.id), project_urls(request)
    with imported(request.workspace_id, urls, base_url, owner) as pictures:
        film = new_film(project, request, pictures)
        films().create(film)
    return views.project_view(film, base_url)


def list_projects(
    caller: Caller, workspace_id: str, limit: int, cursor: str | None, base_url: str
) -> views.VideoProjectPage:
    """Returns a page of the workspace's projects, newest first. Raises NotFound, InvalidInput."""
    require_member(caller, workspace_id)
    rows, following = films().page(workspace_id, limit, cursor)
    items = [views.summary_view(row, base_url) for row in rows]
    return views.VideoProjectPage(items=items, next_cursor=following)


def get(caller: Caller, project_id: str, base_url: str) -> views.VideoProject:
    """Returns the project with its clips. Raises NotFound."""
    return views.project_view(require_film(caller, project_id), base_url)


def require_editable_film(caller: Caller, project_id: str) -> Film:
    """Returns the film. Raises NotFound, Conflict `project_running`."""
    film = require_film(caller, project_id)
    require_editable(film.project)
    return film


def change(
    caller: Caller, project_id: str, request: ProjectChange, base_url: str
) -> views.VideoProject:
    """Changes the project. Raises NotFound, Conflict, InvalidInput, MediaError."""
    request.require_meaning()
    project = require_editable_film(caller, project_id).project
    require_template(request.template_id)
    require_film_model(request.model if "model" in request.given() else project.model)
    music.require_track(project.workspace_id, request.music_track_id)
    changes = request.model_dump(include=set(request.given() - {"logo_url"}))
    same_logo = bool(request.logo_url) and is_current(
        str(request.logo_url), project.logo_key, base_url
    )
    urls = {"logoUrl": request.logo_url} if request.logo_url and not same_logo else {}
    with imported(project.workspace_id, urls, base_url, film_pk(project_id)) as pictures:
        if "logo_url" in request.given() and not same_logo:
            changes["logo_key"] = pictures["logoUrl"].key if urls else None
        after = films().edit(project_id, lambda film: edits.change_project(film, changes))
    if project.logo_key and project.logo_key != after.project.logo_key:
        delete_assets([project.logo_key])
    return views.project_view(after, base_url)


def delete(caller: Caller, project_id: str) -> None:
    """Hides the project, then removes its objects, then its rows.

    If it is interrupted, the same call again finishes it. Raises NotFound, Conflict.
    """
    require_film(caller, project_id, retired=True)
    film = films().retire(project_id)
    delete_assets(object_keys(film.project, *film.clips))
    films().delete(film)


def estimate_project(caller: Caller, project_id: str) -> Estimate:
    """Returns what the film costs if every piece is made anew. Raises NotFound, InvalidInput."""
    film = require_film(caller, project_id)
    return estimate(film, require_film_model(film.project.model))


def add_clip(caller: Caller, project_id: str, request: NewClip, base_url: str) -> views.ClipView:
    """Adds a clip at the end. Raises NotFound, Conflict, InvalidInput, MediaError."""
    film = require_editable_film(caller, project_id)
    require_room(len(film.clips) + 1)
    has_end_image = request.end_image_url is not None
    require_fit(film.project, [request.duration_seconds], has_end_images=has_end_image)
    workspace_id, owner = film.project.workspace_id, film_pk(project_id)
    with imported(workspace_id, clip_urls(request), base_url, owner) as pictures:
        clip = new_clip(film.project, request, len(film.clips), pictures)
        after = films().edit(project_id, lambda now: edits.add_clip(now, clip))
    return views.one_clip_view(after, clip.id, base_url)


def change_clip(
    caller: Caller, project_id: str, clip_id: str, request: ClipChange, base_url: str
) -> views.ClipView:
    """Changes a clip. Raises NotFound, Conflict, InvalidInput, MediaError."""
    request.require_meaning()
    film = require_editable_film(caller, project_id)
    clip = edits.require_clip(film, clip_id)
    lengths = [request.duration_seconds] if "duration_seconds" in request.given() else []
    require_fit(film.project, lengths, has_end_images=request.end_image_url is not None)
    urls = new_urls(clip, request, base_url)
    with imported(clip.workspace_id, urls, base_url, film_pk(project_id)) as pictures:
        after = films().edit(
            project_id,
            lambda now: edits.change_clip(
                now, clip_id, clip_changes(now, clip_id, request, pictures)
            ),
        )
    changed = edits.require_clip(after, clip_id)
    delete_assets(set(object_keys(clip)) - set(object_keys(changed)))
    return views.one_clip_view(after, clip_id, base_url)


def remove_clip(caller: Caller, project_id: str, clip_id: str) -> None:
    """Removes the clip and its objects. Raises NotFound, Conflict."""
    edits.require_clip(require_film(caller, project_id), clip_id)
    keys: list[str] = []

    def remove(film: Film) -> Edit:
        keys[:] = object_keys(edits.require_clip(film, clip_id))
        return edits.remove_clip(film, clip_id)

    films().edit(project_id, remove)
    delete_assets(keys)


def reorder(
    caller: Caller, project_id: str, request: ClipOrder, base_url: str
) -> views.VideoProject:
    """Puts the clips in a new order. Raises NotFound, Conflict, InvalidInput."""
    require_film(caller, project_id)
    after = films().edit(project_id, lambda film: edits.reorder(film, request.clip_ids))
    return views.project_view(after, base_url)
