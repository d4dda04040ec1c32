"""Lookup of storyboard projects for other products: which workspace owns one, if it exists.

Products keep what belongs to a project in its partition, under sort keys of their own; it is
removed with the project.
"""

import functools
import re
from dataclasses import dataclass

from showreel.core.dynamo import Table, Write
from showreel.core.errors import NotFound
from showreel.core.settings import StudioTable, settings
from showreel.identity import Caller, require_access

ID = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
PROJECT = "project"
"""The sort key of a project's own row."""
PRESENT = "attribute_exists(pk) AND attribute_not_exists(retired)"
"""The condition that a row exists and isn't being deleted."""


@dataclass(frozen=True)
class Project:
    """A project of a workspace of which the caller is a member."""

    id: str
    workspace_id: str


@functools.cache
def studio() -> Table:
    """Returns the table of projects of this process."""
    return Table(settings(StudioTable).studio_table)


def storyboard_pk(project_id: str) -> str:
    """Returns the partition of a project."""
    return f"storyboard#{project_id}"


def require_project(caller: Caller, project_id: str) -> Project:
    """Returns the project. Raises NotFound unless the caller is a member of its workspace now."""
    row = studio().get(storyboard_pk(project_id), PROJECT) if ID.match(project_id) else None
    if row is not None and row.get("retired"):
        row = None
    require_access(caller, row["workspace_id"] if row else None, "Project not found")
    if row is None:
        raise NotFound("Project not found")
    return Project(row["id"], row["workspace_id"])


def presence_write(project_id: str) -> Write:
    """Returns a part of a transaction that fails it if the project is gone."""
    return studio().check_write(storyboard_pk(project_id), PROJECT, PRESENT)
