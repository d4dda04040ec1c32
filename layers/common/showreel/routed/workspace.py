"""Who pays for a routed generation, and what may be known to be in vain before anything is done."""

import functools

from showreel.core.dynamo import Table
from showreel.core.errors import InsufficientCredits, NotFound
from showreel.core.settings import StudioTable, settings
from showreel.credits.service import ledger
from showreel.identity import Caller, Membership, require_member
from showreel.identity.service import first_workspace_id

PROJECTS = ("film#{}",)
"""The partitions in which a project may be, each with the sort key `project`."""


def paying(caller: Caller, workspace_id: str | None) -> Membership:
    """The caller's place in the workspace that pays: the named one, else the caller's first.

    Raises NotFound for a workspace that isn't the caller's, and for a caller without any.
    """
    chosen = first_workspace_id(caller) if workspace_id is None else workspace_id
    return require_member(caller, chosen)


def require_project(workspace_id: str, project_id: str | None) -> None:
    """Raises NotFound, the same for a missing and for a foreign project. None is no project."""
    if project_id is None:
        return
    rows = (_studio().get(partition.format(project_id), "project") for partition in PROJECTS)
    if not any(row and row["workspace_id"] == workspace_id for row in rows):
        raise NotFound("Project not found")


def require_credits(workspace_id: str, credits_needed: int) -> None:
    """Raises InsufficientCredits early. Only the hold decides; this spares fetches and writes."""
    available = ledger().account(workspace_id).available
    if available < credits_needed:
        raise InsufficientCredits(required=credits_needed, available=available)


@functools.cache
def _studio() -> Table:
    return Table(settings(StudioTable).studio_table)
