"""Use cases of projects, scenes and shots.

Each checks membership first, then what needs no network, then fetches files, then does one write.
Missing and foreign ids give the same NotFound.
"""

import time

from showreel.assets.pictures import imported, is_current
from showreel.assets.service import delete_assets
from showreel.core.clock import now_iso
from showreel.identity import Caller, require_member
from showreel.music.library import require_track
from showreel.storyboards import responses as views
from showreel.storyboards.access import (
    removal,
    require_project,
    require_scene,
    require_shot,
    shot_media,
    storyboards,
)
from showreel.storyboards.models import Medium, SceneRow, ShotRow, StoryboardRow
from showreel.storyboards.once import new_row
from showreel.storyboards.rows import missing, scene_pk, shot_pk, storyboard_pk
from showreel.storyboards.schemas import (
    MEDIA_URLS,
    NewStoryboard,
    SceneFields,
    SceneOrder,
    ShotFields,
    ShotOrder,
    StoryboardChange,
)
from showreel.storyboards.sent import sent_media, show
from showreel.storyboards.versions import require_version, versions_page

REMOVAL_SECONDS = 15.0
"""How long a request removes what it has deleted; the daily clean-up removes the rest."""
PICTURE = "referenceImageUrl"


def create_project(
    caller: Caller, request: NewStoryboard, base_url: str, key: str | None = None
) -> views.Storyboard:
    """Creates a project. Raises NotFound, InvalidInput, MediaError, IdempotencyMismatch."""
    require_member(caller, request.workspace_id)
    require_track(request.workspace_id, request.music_track_id)
    new, now = new_row(request, "storyboard", request.workspace_id, key), now_iso()
    made = new.made_before(storyboards().project)
    if made is not None:
        return views.storyboard_view(made, base_url)
    urls = {PICTURE: request.reference_image_url} if request.reference_image_url else {}
    with imported(request.workspace_id, urls, base_url, storyboard_pk(new.id)) as pictures:
        project = StoryboardRow(
            **request.stored(),
            id=new.id,
            request_digest=new.digest,
            owner_user_id=caller.user_id,
            reference_image_key=pictures[PICTURE].key if urls else None,
            created_at=now,
            updated_at=now,
        )
        made = new.same(storyboards().create_project(project))
    return views.storyboard_view(made, base_url)


def list_projects(
    caller: Caller, workspace_id: str, limit: int, cursor: str | None, base_url: str
) -> views.StoryboardPage:
    """Returns a page of the workspace's projects, newest first. Raises NotFound, InvalidInput."""
    require_member(caller, workspace_id)
    rows, following = storyboards().projects(workspace_id, limit, cursor)
    items = [views.storyboard_view(row, base_url) for row in rows]
    return views.StoryboardPage(items=items, next_cursor=following)


def get_project(caller: Caller, project_id: str, base_url: str) -> views.Storyboard:
    """Returns the project. Raises NotFound."""
    return views.storyboard_view(require_project(caller, project_id), base_url)


def change_project(
    caller: Caller, project_id: str, request: StoryboardChange, base_url: str
) -> views.Storyboard:
    """Changes the project. Raises NotFound, InvalidInput, MediaError."""
    request.require_meaning()
    project = require_project(caller, project_id)
    require_track(project.workspace_id, request.music_track_id)
    changes, url = request.stored(), request.reference_image_url
    is_same = bool(url) and is_current(str(url), project.reference_image_key, base_url)
    urls = {PICTURE: url} if url and not is_same else {}
    with imported(project.workspace_id, urls, base_url, storyboard_pk(project_id)) as pictures:
        if "reference_image_url" in request.given() and not is_same:
            changes["reference_image_key"] = pictures[PICTURE].key if urls else None
        after = storyboards().change_project(project_id, changes)
    if project.reference_image_key != after.reference_image_key:
        delete_assets([project.reference_image_key or ""])
    return views.storyboard_view(after, base_url)


def delete_project(caller: Caller, project_id: str) -> None:
    """Hides the project at once, then removes everything below it. Raises NotFound."""
    require_project(caller, project_id)
    removal().retire_project(project_id)
    _remove(storyboard_pk(project_id))


def create_scene(
    caller: Caller, project_id: str, request: SceneFields, key: str | None = None
) -> views.SceneView:
    """Adds a scene after the last one. Raises NotFound, InvalidInput, IdempotencyMismatch."""
    project, now = require_project(caller, project_id), now_iso()
    new = new_row(request, "scene", project_id, key)
    made = new.made_before(storyboards().scene_row)
    if made is not None:
        return views.scene_view(storyboards().in_project(made).scene)
    scene = SceneRow(
        **request.model_dump(),
        id=new.id,
        request_digest=new.digest,
        project_id=project_id,
        workspace_id=project.workspace_id,
        created_at=now,
        updated_at=now,
    )
    return views.scene_view(new.same(storyboards().add_scene(scene)))


def list_scenes(caller: Caller, project_id: str, limit: int, cursor: str | None) -> views.ScenePage:
    """Returns a page of the project's scenes by number. Raises NotFound, InvalidInput."""
    require_project(caller, project_id)
    rows, following = storyboards().scenes(project_id, limit, cursor)
    return views.ScenePage(items=[views.scene_view(row) for row in rows], next_cursor=following)


def order_scenes(caller: Caller, project_id: str, request: SceneOrder) -> None:
    """Numbers the scenes anew, from 1. Raises NotFound, InvalidInput `scene_order`."""
    require_project(caller, project_id)
    storyboards().order_scenes(project_id, request.scene_ids)


def get_scene(caller: Caller, scene_id: str) -> views.SceneView:
    """Returns the scene. Raises NotFound."""
    return views.scene_view(require_scene(caller, scene_id).scene)


def change_scene(caller: Caller, scene_id: str, request: SceneFields) -> views.SceneView:
    """Changes the scene. Raises NotFound, InvalidInput."""
    scene = require_scene(caller, scene_id).scene
    changed = storyboards().change_scene(scene, request.model_dump(include=set(request.given())))
    return views.scene_view(changed)


def delete_scene(caller: Caller, scene_id: str) -> None:
    """Hides the scene at once, then removes its shots. Raises NotFound."""
    scene = require_scene(caller, scene_id).scene
    removal().retire_scene(scene.project_id, scene_id)
    _remove(scene_pk(scene_id))


def create_shot(
    caller: Caller, scene_id: str, request: ShotFields, base_url: str, key: str | None = None
) -> views.ShotView:
    """Adds a shot after the last one. Raises NotFound, InvalidInput, MediaError,
    IdempotencyMismatch.
    """
    scene, now = require_scene(caller, scene_id).scene, now_iso()
    new = new_row(request, "shot", scene_id, key)
    made = new.made_before(storyboards().shot_row)
    shot = made or ShotRow(
        **request.stored(),
        id=new.id,
        request_digest=new.digest,
        project_id=scene.project_id,
        scene_id=scene_id,
        workspace_id=scene.workspace_id,
        created_at=now,
        updated_at=now,
    )
    with sent_media(shot, request, base_url, is_new=True) as keys:
        added = new.same(storyboards().add_shots([shot])[0])
    if not keys:
        return views.shot_view(added, base_url)
    show(shot_media(), shot.id, request, keys)
    return get_shot(caller, shot.id, base_url)


def list_shots(
    caller: Caller, scene_id: str, limit: int, cursor: str | None, base_url: str
) -> views.ShotPage:
    """Returns a page of the scene's shots by number. Raises NotFound, InvalidInput."""
    require_scene(caller, scene_id)
    rows, following = storyboards().shots(scene_id, limit, cursor)
    items = [views.shot_view(row, base_url) for row in rows]
    return views.ShotPage(items=items, next_cursor=following)


def order_shots(caller: Caller, scene_id: str, request: ShotOrder) -> None:
    """Numbers the shots anew, from 1. Raises NotFound, InvalidInput `shot_order`."""
    require_scene(caller, scene_id)
    storyboards().order_shots(scene_id, request.shot_ids)


def get_shot(caller: Caller, shot_id: str, base_url: str) -> views.ShotView:
    """Returns the shot. Raises NotFound."""
    return views.shot_view(require_shot(caller, shot_id).shot, base_url)


def change_shot(caller: Caller, shot_id: str, request: ShotFields, base_url: str) -> views.ShotView:
    """Changes the shot. Raises NotFound, InvalidInput, MediaError."""
    shot = require_shot(caller, shot_id).shot
    with sent_media(shot, request, base_url) as keys:
        changed = storyboards().change_shot(shot, request.stored())
        if not request.given() & MEDIA_URLS:
            return views.shot_view(changed, base_url)
        show(shot_media(), shot_id, request, keys)
    return get_shot(caller, shot_id, base_url)


def delete_shot(caller: Caller, shot_id: str) -> None:
    """Hides the shot at once, then removes it with all its media. Raises NotFound."""
    shot = require_shot(caller, shot_id).shot
    removal().retire_shot(shot.scene_id, shot_id)
    _remove(shot_pk(shot_id))


def list_versions(
    caller: Caller,
    shot_id: str,
    medium: Medium | None,
    limit: int,
    cursor: str | None,
    base_url: str,
) -> views.VersionPage:
    """Returns a page of the shot's versions, newest first. Raises NotFound, InvalidInput."""
    shot = require_shot(caller, shot_id).shot
    rows, following = versions_page(storyboards().table, shot_id, medium, limit, cursor)
    items = [views.version_view(shot, row, base_url) for row in rows]
    return views.VersionPage(items=items, next_cursor=following)


def restore_version(caller: Caller, shot_id: str, version_id: str, base_url: str) -> views.ShotView:
    """Shows an older version again. Raises NotFound."""
    require_shot(caller, shot_id)
    version = require_version(storyboards().table, shot_id, version_id)
    if not shot_media().restore(shot_id, version):
        raise missing("Shot")
    return get_shot(caller, shot_id, base_url)


def _remove(pk: str) -> None:
    ends = time.monotonic() + REMOVAL_SECONDS
    removal().remove(pk, lambda: time.monotonic() < ends)
