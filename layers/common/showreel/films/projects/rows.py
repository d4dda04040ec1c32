"""The shape of film rows in the Studio table, and the conditions their writes hold under."""

from collections.abc import Iterable, Mapping
from typing import Any

from showreel.core.dynamo import Item
from showreel.core.errors import Conflict, NotFound
from showreel.films.projects.models import EDITABLE, ClipRow, ProjectRow, ProjectStatus

PROJECT = "project"
RUNNING = "The video project is being made; wait for it or cancel the run"


def assignments(changes: Mapping[str, Any]) -> tuple[str, dict[str, str], dict[str, Any]]:
    """An update expression with its names and values: SET what has a value, REMOVE the rest."""
    names = {f"#a{position}": name for position, name in enumerate(changes)}
    values = {
        f":a{position}": value
        for position, value in enumerate(changes.values())
        if value is not None
    }
    setting = [f"#a{p} = :a{p}" for p in range(len(changes)) if f":a{p}" in values]
    removing = [f"#a{p}" for p in range(len(changes)) if f":a{p}" not in values]
    expression = f"SET {', '.join(setting)}" if setting else ""
    expression += f" REMOVE {', '.join(removing)}" if removing else ""
    return expression.strip(), names, values


def with_files(
    changes: Mapping[str, Any], counted: str | None = None
) -> tuple[str, dict[str, str], dict[str, Any]]:
    """`assignments` that also add every new file to `file_keys`, and 1 to the number `counted`."""
    expression, names, values = assignments(changes)
    files = {value for name, value in changes.items() if value and name.endswith("_key")}
    adding = []
    if files:
        adding.append("#files :files")
        names, values = names | {"#files": "file_keys"}, values | {":files": files}
    if counted:
        adding.append("#counted :one")
        names, values = names | {"#counted": counted}, values | {":one": 1}
    return f"{expression} ADD {', '.join(adding)}" if adding else expression, names, values


def film_pk(project_id: str) -> str:
    """The partition of a film."""
    return f"film#{project_id}"


def list_key(workspace_id: str) -> str:
    """The index key under which a workspace's projects are listed."""
    return f"{workspace_id}#video_project"


def not_found() -> NotFound:
    """The one answer for missing and for foreign projects, as documented."""
    return NotFound("Video project not found")


def require_editable(project: ProjectRow) -> None:
    """Raises Conflict `project_running` while a run has the project, draft runs included."""
    if project.status not in EDITABLE or project.active_run_id is not None:
        raise Conflict(RUNNING, code="project_running")


def status_in(statuses: Iterable[ProjectStatus]) -> str:
    """The condition that the status is one of these; its values come from `status_values`."""
    return f"#guard_status IN ({', '.join(status_values(statuses))})"


def status_values(statuses: Iterable[ProjectStatus]) -> dict[str, str]:
    """The values of `status_in`."""
    return {f":guard_{status}": status for status in statuses}


UNCHANGED_AND_FREE = (
    f"#guard_version = :guard_version AND {status_in(EDITABLE)}"
    " AND attribute_not_exists(#guard_active)"
)
"""The project has the version that was read, and no run has it."""
GUARD_NAMES = {
    "#guard_version": "version",
    "#guard_status": "status",
    "#guard_active": "active_run_id",
}


def guard_values(project: ProjectRow) -> dict[str, Any]:
    """The values of `UNCHANGED_AND_FREE`."""
    return {":guard_version": project.version, **status_values(EDITABLE)}


def project_item(project: ProjectRow) -> Item:
    """The whole row of a project."""
    keys = {"pk": film_pk(project.id), "sk": PROJECT, "list_key": list_key(project.workspace_id)}
    return project.attributes() | keys


def clip_item(clip: ClipRow) -> Item:
    """The whole row of a clip."""
    return clip.attributes() | {"pk": film_pk(clip.project_id), "sk": f"clip#{clip.id}"}


def list_start(workspace_id: str, after: tuple[str, str] | None) -> Item | None:
    """Where the index goes on: after the project of this creation time and id."""
    if after is None:
        return None
    created_at, project_id = after
    keys = {"pk": film_pk(project_id), "sk": PROJECT}
    return keys | {"list_key": list_key(workspace_id), "created_at": created_at}
