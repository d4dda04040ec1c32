"""Membership, read from the table on every request, so that a removal takes effect at once."""

from dataclasses import dataclass
from typing import Literal

from showreel.core.dynamo import Table
from showreel.core.errors import InvalidInput, NotFound
from showreel.core.observability import about
from showreel.core.settings import IdentityTable, settings
from showreel.identity.callers import Caller

MAX_WORKSPACE_ID_LENGTH = 128
NOBODYS = "-"
"""A workspace id without members: real ids are UUIDs."""
Role = Literal["owner", "member"]


@dataclass(frozen=True)
class Membership:
    """A user's role in a workspace."""

    workspace_id: str
    user_id: str
    role: Role


def require_user(caller: Caller) -> str:
    """Returns the id of the caller's user. Raises InvalidInput `user_required` if there is none."""
    if not caller.user_id:
        raise InvalidInput(
            "user_id is required with the service token", code="user_required", field="user_id"
        )
    return caller.user_id


def require_member(caller: Caller, workspace_id: str) -> Membership:
    """Returns the caller's membership, read consistently. Raises the same NotFound for foreign and
    missing workspaces.
    """
    return _member(caller, workspace_id, "Workspace not found")


def require_access(caller: Caller, workspace_id: str | None, missing: str) -> Membership:
    """Returns the caller's membership of a row's workspace; `workspace_id` is None if there is no
    such row. Foreign and missing rows cost the same reads and raise the same NotFound.
    """
    return _member(caller, workspace_id or NOBODYS, missing)


def _member(caller: Caller, workspace_id: str, missing: str) -> Membership:
    user_id, row = require_user(caller), None
    if isinstance(workspace_id, str) and 1 <= len(workspace_id) <= MAX_WORKSPACE_ID_LENGTH:
        table = Table(settings(IdentityTable).identity_table)
        row = table.get(f"workspace#{workspace_id}", f"member#{user_id}")
    if row is None:
        raise NotFound(missing)
    about(workspace_id=workspace_id, user_id=user_id)
    return Membership(workspace_id, user_id, row["role"])
