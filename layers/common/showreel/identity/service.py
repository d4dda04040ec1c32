"""Workspaces: made by anyone, managed by their owners, left by anyone but the last owner.

Nobody gets into one without saying yes, and which one counts where a call names none is each user's
own choice.
"""

import functools
from collections.abc import Callable

from showreel.core.dynamo import Item
from showreel.core.errors import ConditionFailed, Conflict, Forbidden, NotFound
from showreel.core.ids import new_id
from showreel.edge.paging import decode_cursor, encode_cursor
from showreel.identity.callers import Caller
from showreel.identity.members import Membership, require_access, require_member, require_user
from showreel.identity.models import (
    ChangeMe,
    CreateWorkspace,
    Me,
    Member,
    MemberList,
    SetMember,
    Workspace,
    WorkspaceList,
)
from showreel.identity.store import MAX_MEMBERS, workspaces


def create_workspace(caller: Caller, request: CreateWorkspace) -> Workspace:
    """Creates a workspace that the caller owns."""
    return shown(workspaces().create(new_id(), request.name, require_user(caller)))


def list_workspaces(caller: Caller, limit: int, cursor: str | None) -> WorkspaceList:
    """Returns the caller's workspaces, by id. Raises InvalidInput `invalid_cursor`."""
    user_id = require_user(caller)
    read = functools.partial(workspaces().workspaces, user_id)
    rows, following = page(f"{user_id}#workspace", "workspace_id", read, limit, cursor)
    return WorkspaceList(items=[shown(row) for row in rows], next_cursor=following)


def me(caller: Caller) -> Me:
    """Returns who calls, and the default workspace."""
    user_id = require_user(caller)
    return Me(user_id=user_id, default_workspace_id=workspaces().default_workspace_id(user_id))


def change_me(caller: Caller, request: ChangeMe) -> Me:
    """Chooses the default workspace. Raises NotFound for one that the caller isn't in."""
    if request.default_workspace_id is not None:
        require_member(caller, request.default_workspace_id)
    workspaces().set_default(require_user(caller), request.default_workspace_id)
    return me(caller)


def own_workspace(caller: Caller, workspace_id: str | None) -> Membership:
    """Returns the caller's place in `workspace_id`, or in the default workspace if it is None.

    Raises NotFound: `no_default_workspace` if there is none, or the caller has left it.
    """
    if workspace_id is not None:
        return require_member(caller, workspace_id)
    chosen = workspaces().default_workspace_id(require_user(caller))
    try:
        return require_access(caller, chosen, "Workspace not found")
    except NotFound as error:
        message = "No workspace is named and you have no default one: PATCH /api/me chooses it"
        raise NotFound(message, code="no_default_workspace") from error


def require_workspace(workspace_id: str) -> None:
    """Raises NotFound for a workspace that isn't there. Whose it is, is another question."""
    if workspaces().workspace(workspace_id) is None:
        raise NotFound("Workspace not found")


def list_members(
    caller: Caller, workspace_id: str, limit: int = MAX_MEMBERS, cursor: str | None = None
) -> MemberList:
    """Returns who is in the workspace, by id; any member may look."""
    require_member(caller, workspace_id)
    read = functools.partial(workspaces().members, workspace_id)
    rows, following = page(f"{workspace_id}#member", "user_id", read, limit, cursor)
    return MemberList(items=[Member.model_validate(row) for row in rows], next_cursor=following)


def page(
    list_key: str,
    place: str,
    read: Callable[[int, str | None], tuple[list[Item], bool]],
    limit: int,
    cursor: str | None,
) -> tuple[list[Item], str | None]:
    """Returns a page and the next one's cursor; `place` is the field that orders the list."""
    after = decode_cursor(list_key, cursor, 1)
    rows, more = read(limit, after[0] if after else None)
    return rows, encode_cursor(list_key, [rows[-1][place]]) if rows and more else None


def set_member(caller: Caller, workspace_id: str, request: SetMember) -> Member:
    """Changes a member's role; owners only. The service, acting for one, may add a user too: nobody
    else becomes a member without accepting an invitation.

    Raises NotFound for who isn't a member, Conflict for the last owner's demotion.
    """
    require_owner(caller, workspace_id)
    try:
        _set(workspace_id, request, may_add=caller.is_service)
    except ConditionFailed as error:
        # repeated after a lost reply, a write fails on its own success: then all is well
        row = workspaces().member(workspace_id, request.user_id)
        if row is None or row["role"] != request.role:
            raise _conflict(error) from error
    return Member.model_validate(workspaces().member(workspace_id, request.user_id))


def remove_member(caller: Caller, workspace_id: str, user_id: str) -> None:
    """Takes a user out: an owner anyone, anyone themselves. Raises Conflict for the last owner."""
    own = require_member(caller, workspace_id)
    if user_id != caller.user_id and own.role != "owner":
        raise _not_an_owner()
    present = workspaces().member(workspace_id, user_id)
    if present is None:
        raise NotFound("Member not found")
    try:
        workspaces().remove(workspace_id, user_id, present["role"])
    except ConditionFailed as error:
        if workspaces().member(workspace_id, user_id) is not None:
            raise _conflict(error) from error


def _set(workspace_id: str, request: SetMember, *, may_add: bool) -> None:
    present = workspaces().member(workspace_id, request.user_id)
    if present is None and not may_add:
        raise NotFound("Member not found")
    if present is None:
        workspace = workspaces().workspace(workspace_id)
        if workspace is None:
            raise NotFound("Workspace not found")
        workspaces().add(workspace, request.user_id, request.role)
    elif present["role"] != request.role:
        workspaces().change(workspace_id, request.user_id, request.role)


def require_owner(caller: Caller, workspace_id: str) -> Membership:
    """Returns the caller's place. Raises NotFound for who isn't in, Forbidden for a member."""
    own = require_member(caller, workspace_id)
    if own.role != "owner":
        raise _not_an_owner()
    return own


def _not_an_owner() -> Forbidden:
    return Forbidden("Only an owner may change who is in a workspace")


def _conflict(error: ConditionFailed) -> Conflict:
    if is_of_counts(error):
        return members_full()
    return Conflict("The member changed meanwhile; try again")


def is_of_counts(error: ConditionFailed) -> bool:
    """The counts are the first write of every transaction."""
    return bool(error.reasons) and error.reasons[0] == "ConditionalCheckFailed"


def members_full() -> Conflict:
    """Returns the error for one member too many, or no owner."""
    limits = f"A workspace keeps at least one owner and at most {MAX_MEMBERS} members"
    return Conflict(limits, code="member_limits")


def shown(row: Item) -> Workspace:
    """Returns a member's row as the member sees the workspace."""
    return Workspace.model_validate(row | {"id": row["workspace_id"]})
