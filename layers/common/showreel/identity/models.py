"""Workspaces and members as clients see them."""

from typing import Annotated

from pydantic import StringConstraints

from showreel.core.wire import Wire
from showreel.identity.members import Role


class CreateWorkspace(Wire):
    """Body of `POST /api/workspaces`."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Workspace(Wire):
    """A workspace as one of its members sees it; `role` is the caller's."""

    id: str
    name: str
    role: Role
    created_at: str


class SetMember(Wire):
    """Body of `PUT /api/workspaces/{id}/members`."""

    user_id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,255}$")]
    role: Role


class Member(Wire):
    """A member of a workspace."""

    user_id: str
    role: Role
    created_at: str


class WorkspaceList(Wire):
    """One page of workspaces."""

    items: list[Workspace]
    next_cursor: str | None = None


class MemberList(Wire):
    """The members of a workspace: never more than one page."""

    items: list[Member]
    next_cursor: str | None = None
