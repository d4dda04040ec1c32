"""Invitations: nobody becomes a member of a workspace without accepting one."""

import contextlib
import functools

from showreel.core.dynamo import Item
from showreel.core.errors import ConditionFailed, Conflict, NotFound
from showreel.identity.callers import Caller
from showreel.identity.members import require_user
from showreel.identity.models import Invitation, InvitationList, Invite, Workspace
from showreel.identity.service import is_of_counts, members_full, page, require_owner, shown
from showreel.identity.store import MAX_INVITATIONS, workspaces

NOT_FOUND = "Invitation not found"


def invite(caller: Caller, workspace_id: str, request: Invite) -> Invitation:
    """Invites a user; owners only. Repeating an invitation returns the open one.

    Raises Conflict for a member, another role than the open invitation's, and too many of them.
    """
    user_id = require_owner(caller, workspace_id).user_id
    if workspaces().member(workspace_id, request.user_id) is not None:
        raise Conflict("The user is a member already", code="already_member")
    workspace = workspaces().workspace(workspace_id)
    if workspace is None:
        raise NotFound("Workspace not found")
    try:
        workspaces().invite(workspace, request.user_id, request.role, user_id)
    except ConditionFailed as error:
        present = workspaces().invitation_to(workspace_id, request.user_id)
        if present is None:
            limit = f"A workspace has at most {MAX_INVITATIONS} open invitations"
            raise Conflict(limit, code="invitation_limit") from error
        if present["role"] != request.role:
            message = "The user is invited with another role; withdraw that invitation first"
            raise Conflict(message, code="already_invited") from error
    return Invitation.model_validate(workspaces().invitation_to(workspace_id, request.user_id))


def list_invited(
    caller: Caller, workspace_id: str, limit: int, cursor: str | None
) -> InvitationList:
    """Returns a workspace's open invitations, by user; owners only."""
    require_owner(caller, workspace_id)
    read = functools.partial(workspaces().invited, workspace_id)
    return _invitations(page(f"{workspace_id}#invitation", "user_id", read, limit, cursor))


def withdraw(caller: Caller, workspace_id: str, user_id: str) -> None:
    """Withdraws an invitation; owners only. Raises NotFound if there is none."""
    require_owner(caller, workspace_id)
    _close(workspaces().invitation_to(workspace_id, user_id))


def list_invitations(caller: Caller, limit: int, cursor: str | None) -> InvitationList:
    """Returns the caller's own open invitations, by id."""
    user_id = require_user(caller)
    read = functools.partial(workspaces().invitations, user_id)
    return _invitations(page(f"{user_id}#invitation", "id", read, limit, cursor))


def accept(caller: Caller, invitation_id: str) -> Workspace:
    """Makes the caller a member. Raises NotFound unless the invitation is the caller's and open,
    Conflict if the workspace is full.
    """
    invitation = workspaces().invitation(require_user(caller), invitation_id)
    if invitation is None:
        raise NotFound(NOT_FOUND)
    try:
        workspaces().accept(invitation)
    except ConditionFailed as error:
        # a write that is repeated after a lost reply fails too, though its change is made
        if workspaces().member(invitation["workspace_id"], caller.user_id) is None:
            if is_of_counts(error):
                raise members_full() from error
            raise NotFound(NOT_FOUND) from error
        _close(invitation)  # the service added the user meanwhile
    member = workspaces().member(invitation["workspace_id"], caller.user_id)
    return shown({**(member or {}), "name": invitation["workspace_name"]})


def decline(caller: Caller, invitation_id: str) -> None:
    """Declines an invitation of the caller's. Raises NotFound unless it is open."""
    _close(workspaces().invitation(require_user(caller), invitation_id))


def _close(invitation: Item | None) -> None:
    if invitation is None:
        raise NotFound(NOT_FOUND)
    with contextlib.suppress(ConditionFailed):  # closed meanwhile, perhaps by this very call
        workspaces().close_invitation(invitation)


def _invitations(page: tuple[list[Item], str | None]) -> InvitationList:
    rows, following = page
    items = [Invitation.model_validate(row) for row in rows]
    return InvitationList(items=items, next_cursor=following)
