"""Access to storyboards: which ones a caller may see."""

import contextlib
import functools
import re
from collections.abc import Callable

from showreel.core.dynamo import Table
from showreel.core.errors import NotFound
from showreel.core.settings import StudioTable, settings
from showreel.identity import Caller, require_access
from showreel.storyboards.media import ShotMedia
from showreel.storyboards.models import SceneInProject, SceneRow, ShotInProject, StoryboardRow
from showreel.storyboards.removal import Removal
from showreel.storyboards.rows import missing
from showreel.storyboards.store import StoryboardStore

ID = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")


@functools.cache
def storyboards() -> StoryboardStore:
    """Returns this process's store of storyboards."""
    return StoryboardStore(Table(settings(StudioTable).studio_table))


@functools.cache
def shot_media() -> ShotMedia:
    """Returns this process's store of shots' media."""
    return ShotMedia(storyboards().table)


@functools.cache
def removal() -> Removal:
    """Returns this process's remover of rows."""
    return Removal(storyboards().table)


def require_project(caller: Caller, project_id: str) -> StoryboardRow:
    """Returns the project, if the caller is a member of its workspace now. Raises NotFound."""
    project = _found(storyboards().project, project_id)
    require_access(caller, project.workspace_id if project else None, "Project not found")
    return _there(project, "Project")


def require_scene(caller: Caller, scene_id: str) -> SceneInProject:
    """Returns the scene with its project, as `require_project`. Raises NotFound."""
    scene = _found(storyboards().scene_row, scene_id)
    require_access(caller, scene.workspace_id if scene else None, "Scene not found")
    return storyboards().in_project(_there(scene, "Scene"))


def require_scene_of(project: StoryboardRow, scene_id: str | None) -> SceneRow:
    """Returns a scene of the project, the first one without an id. Raises NotFound."""
    if scene_id is None:
        return _there(storyboards().first_scene(project.id), "Scene")
    scene = _there(_found(storyboards().scene_row, scene_id), "Scene")
    if scene.project_id != project.id:
        raise missing("Scene")
    return storyboards().in_project(scene).scene


def require_shot(caller: Caller, shot_id: str) -> ShotInProject:
    """Returns the shot with its scene and project, as `require_project`. Raises NotFound."""
    shot = _found(storyboards().shot_row, shot_id)
    require_access(caller, shot.workspace_id if shot else None, "Shot not found")
    return storyboards().in_scene(_there(shot, "Shot"))


def _found[T](read: Callable[[str], T], id_: str) -> T | None:
    with contextlib.suppress(NotFound):
        return read(id_) if ID.match(id_) else None
    return None


def _there[T](found: T | None, what: str) -> T:
    if found is None:
        raise missing(what)
    return found
