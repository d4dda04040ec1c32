"""Workspaces: anyone may create one, owners manage its members, all but the last owner may leave.

Users become members only by accepting an invitation, and each chooses a default workspace, which
counts where a call names none.
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
    """Returns the caller's user id and default workspace."""
    user_id = require_user(caller)
    return Me(user_id=user_id, default_workspace_id=workspaces().default_workspace_id(user_id))


def change_me(caller: Caller, request: ChangeMe) -> Me:
    """Sets the default workspace. Raises NotFound unless the caller is a member of it."""
    if request.default_workspace_id is not None:
        require_member(caller, request.default_workspace_id)
    workspaces().set_default(require_user(caller), request.default_workspace_id)
    return me(caller)


def own_workspace(caller: Caller, workspace_id: str | None) -> Membership:
    """Returns the caller's membership of `workspace_id`, or of the default workspace if None.

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
    """Raises NotFound if the workspace doesn't exist; doesn't check who its members are."""
    if workspaces().workspace(workspace_id) is None:
        raise NotFound("Workspace not found")


def list_members(
    caller: Caller, workspace_id: str, limit: int = MAX_MEMBERS, cursor: str | None = None
) -> MemberList:
    """Returns the workspace's members, by id; for any member."""
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
    """Returns a page and the next one's cursor; `place` is the field that the list is sorted by."""
    after = decode_cursor(list_key, cursor, 1)
    rows, more = read(limit, after[0] if after else None)
    return rows, encode_cursor(list_key, [rows[-1][place]]) if rows and more else None


def set_member(caller: Caller, workspace_id: str, request: SetMember) -> Member:
    """Changes a member's role; owners only. The service, acting for an owner, may also add a user
    without an invitation.

    Raises NotFound for a user who isn't a member, Conflict for the last owner's demotion.
    """
    require_owner(caller, workspace_id)
    try:
        _set(workspace_id, request, may_add=caller.is_service)
    except ConditionFailed as error:
        # a write that is repeated after a lost reply fails too, though its change is made
        row = workspaces().member(workspace_id, request.user_id)
        if row is None or row["role"] != request.role:
            raise _conflict(error) from error
    return Member.model_validate(workspaces().member(workspace_id, request.user_id))


def remove_member(caller: Caller, workspace_id: str, user_id: str) -> None:
    """Removes a member: owners anyone, others themselves. Raises Conflict for the last owner."""
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
    """Returns an owner's membership. Raises NotFound for others, Forbidden for plain members."""
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
    """Returns whether the counts' condition failed: they are each transaction's first write."""
    return bool(error.reasons) and error.reasons[0] == "ConditionalCheckFailed"


def members_full() -> Conflict:
    """Returns the error for too many members, or no owner."""
    limits = f"A workspace keeps at least one owner and at most {MAX_MEMBERS} members"
    return Conflict(limits, code="member_limits")


def shown(row: Item) -> Workspace:
    """Converts a member's row to the workspace as that member sees it."""
    return Workspace.model_validate(row | {"id": row["workspace_id"]})
