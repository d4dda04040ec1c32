"""Keys and items of film rows in the Studio table, and conditions of their writes."""

from collections.abc import Iterable, Mapping
from typing import Any

from showreel.core.dynamo import Item, Only
from showreel.core.errors import Conflict, NotFound
from showreel.films.projects.models import EDITABLE, ClipRow, ProjectRow, ProjectStatus

PROJECT = "project"
RUNNING = "The video project is being made; wait for it or cancel the run"


def new_files(changes: Mapping[str, Any]) -> dict[str, set[str]]:
    """Returns the object keys among the changes, to be added to `file_keys`."""
    files = {value for name, value in changes.items() if value and name.endswith("_key")}
    return {"file_keys": files} if files else {}


def film_pk(project_id: str) -> str:
    """Returns the partition of a film."""
    return f"film#{project_id}"


def list_key(workspace_id: str) -> str:
    """Returns the index key under which a workspace's projects are listed."""
    return f"{workspace_id}#video_project"


def not_found() -> NotFound:
    """Returns the error for missing and foreign projects alike, as documented."""
    return NotFound("Video project not found")


def require_editable(project: ProjectRow) -> None:
    """Raises Conflict `project_running` while a run, draft or not, has the project."""
    if project.status not in EDITABLE or project.active_run_id is not None:
        raise Conflict(RUNNING, code="project_running")


def status_in(statuses: Iterable[ProjectStatus]) -> Only:
    """Returns the condition that the status is one of these."""
    values = {f":guard_{status}": status for status in statuses}
    condition = f"#guard_status IN ({', '.join(values)})"
    return {"condition": condition, "names": {"#guard_status": "status"}, "values": values}


def unchanged_and_free(project: ProjectRow) -> Only:
    """Returns the condition that the project still has the version read, and no run has it."""
    editable = status_in(EDITABLE)
    names = {"#guard_version": "version", "#guard_active": "active_run_id"}
    return {
        "condition": f"#guard_version = :guard_version AND {editable['condition']}"
        " AND attribute_not_exists(#guard_active)",
        "names": names | dict(editable["names"] or {}),
        "values": {":guard_version": project.version, **(editable["values"] or {})},
    }


def project_item(project: ProjectRow) -> Item:
    """Returns the item that stores a project."""
    keys = {"pk": film_pk(project.id), "sk": PROJECT, "list_key": list_key(project.workspace_id)}
    return project.attributes() | keys


def clip_item(clip: ClipRow) -> Item:
    """Returns the item that stores a clip."""
    return clip.attributes() | {"pk": film_pk(clip.project_id), "sk": f"clip#{clip.id}"}
