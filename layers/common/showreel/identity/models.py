"""Workspaces, members and invitations as clients see them."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from showreel.core.text import plain_name
from showreel.core.wire import Wire
from showreel.identity.members import MAX_WORKSPACE_ID_LENGTH, Role

UserId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,255}$")]


class CreateWorkspace(Wire):
    """Body of `POST /api/workspaces`."""

    name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
        AfterValidator(plain_name),
    ]


class Workspace(Wire):
    """A workspace as one of its members sees it; `role` is the caller's."""

    id: str
    name: str
    role: Role
    created_at: str


class SetMember(Wire):
    """Body of `PUT /api/workspaces/{id}/members`."""

    user_id: UserId
    role: Role


class Invite(Wire):
    """Body of `POST /api/workspaces/{id}/invitations`."""

    user_id: UserId
    role: Role = "member"


class Invitation(Wire):
    """An open invitation, as who is invited and the workspace's owners see it."""

    id: str
    workspace_id: str
    workspace_name: str
    user_id: str
    role: Role
    invited_by: str
    created_at: str


class InvitationList(Wire):
    """One page of invitations."""

    items: list[Invitation]
    next_cursor: str | None = None


class Me(Wire):
    """The caller, and the workspace that counts where a call names none."""

    user_id: str
    default_workspace_id: str | None


class ChangeMe(Wire):
    """Body of `PATCH /api/me`; null for no default workspace."""

    default_workspace_id: (
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_WORKSPACE_ID_LENGTH)] | None
    )


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
    """One page of a workspace's members."""

    items: list[Member]
    next_cursor: str | None = None
