"""Workspaces: made by anyone, managed by their owners, left by anyone but the last owner."""

import functools

from showreel.core.dynamo import Table
from showreel.core.errors import ConditionFailed, Conflict, Forbidden, NotFound
from showreel.core.ids import new_id
from showreel.core.settings import IdentityTable, settings
from showreel.edge.paging import decode_cursor, encode_cursor
from showreel.identity.callers import Caller
from showreel.identity.members import require_member, require_user
from showreel.identity.models import (
    CreateWorkspace,
    Member,
    MemberList,
    SetMember,
    Workspace,
    WorkspaceList,
)
from showreel.identity.store import MAX_MEMBERS, WorkspaceStore

MOST_LOOKED_AT = 100
"""Among how many of a user's workspaces the first one is looked for."""


@functools.cache
def _store() -> WorkspaceStore:
    return WorkspaceStore(Table(settings(IdentityTable).identity_table))


def create_workspace(caller: Caller, request: CreateWorkspace) -> Workspace:
    """Creates a workspace that the caller owns."""
    return _workspace(_store().create(new_id(), request.name, require_user(caller)))


def list_workspaces(caller: Caller, limit: int, cursor: str | None) -> WorkspaceList:
    """Returns the caller's workspaces, by id. Raises InvalidInput `invalid_cursor`."""
    list_key = f"{require_user(caller)}#workspace"
    after = decode_cursor(list_key, cursor, 1)
    rows, more = _store().workspaces(require_user(caller), limit, after[0] if after else None)
    following = encode_cursor(list_key, [rows[-1]["workspace_id"]]) if rows and more else None
    return WorkspaceList(items=[_workspace(row) for row in rows], next_cursor=following)


def first_workspace_id(caller: Caller) -> str:
    """Returns the workspace the caller has been in for longest. Raises NotFound without any."""
    rows, _ = _store().workspaces(require_user(caller), MOST_LOOKED_AT, None)
    if not rows:
        raise NotFound("Workspace not found")
    return str(min(rows, key=lambda row: str(row["created_at"]))["workspace_id"])


def own_workspace_id(caller: Caller, workspace_id: str | None) -> str:
    """`workspace_id` if the caller belongs to it, the first one if it is None. Raises NotFound."""
    chosen = first_workspace_id(caller) if workspace_id is None else workspace_id
    return require_member(caller, chosen).workspace_id


def require_workspace(workspace_id: str) -> None:
    """Raises NotFound for a workspace that isn't there. Whose it is, is another question."""
    if _store().workspace(workspace_id) is None:
        raise NotFound("Workspace not found")


def list_members(caller: Caller, workspace_id: str) -> MemberList:
    """Everybody in the workspace; any member may look."""
    require_member(caller, workspace_id)
    return MemberList(items=[Member.model_validate(row) for row in _store().members(workspace_id)])


def set_member(caller: Caller, workspace_id: str, request: SetMember) -> Member:
    """Adds a user or changes a role; owners only. Raises Conflict for the last owner's demotion."""
    if require_member(caller, workspace_id).role != "owner":
        raise _not_an_owner()
    try:
        _set(workspace_id, request)
    except ConditionFailed as error:
        # repeated after a lost reply, a write fails on its own success: then all is well
        row = _store().member(workspace_id, request.user_id)
        if row is None or row["role"] != request.role:
            raise _conflict(error) from error
    return Member.model_validate(_store().member(workspace_id, request.user_id))


def remove_member(caller: Caller, workspace_id: str, user_id: str) -> None:
    """Takes a user out: an owner anyone, anyone themselves. Raises Conflict for the last owner."""
    own = require_member(caller, workspace_id)
    if user_id != caller.user_id and own.role != "owner":
        raise _not_an_owner()
    present = _store().member(workspace_id, user_id)
    if present is None:
        raise NotFound("Member not found")
    try:
        _store().remove(workspace_id, user_id, present["role"])
    except ConditionFailed as error:
        if _store().member(workspace_id, user_id) is not None:
            raise _conflict(error) from error


def _set(workspace_id: str, request: SetMember) -> None:
    present = _store().member(workspace_id, request.user_id)
    if present is None:
        workspace = _store().workspace(workspace_id)
        if workspace is None:
            raise NotFound("Workspace not found")
        _store().add(workspace, request.user_id, request.role)
    elif present["role"] != request.role:
        _store().change(workspace_id, request.user_id, request.role)


def _not_an_owner() -> Forbidden:
    return Forbidden("Only an owner may change who is in a workspace")


def _conflict(error: ConditionFailed) -> Conflict:
    """The counts are the first write of every transaction."""
    if error.reasons and error.reasons[0] == "ConditionalCheckFailed":
        limits = f"A workspace keeps at least one owner and at most {MAX_MEMBERS} members"
        return Conflict(limits, code="member_limits")
    return Conflict("The member changed meanwhile; try again")


def _workspace(row: dict[str, str]) -> Workspace:
    return Workspace.model_validate(row | {"id": row["workspace_id"]})
