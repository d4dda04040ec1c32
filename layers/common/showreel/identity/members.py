"""Membership: asked of the table on every request, so that a removal counts at once."""

from dataclasses import dataclass
from typing import Literal

from showreel.core.dynamo import Table
from showreel.core.errors import InvalidInput, NotFound
from showreel.core.observability import about
from showreel.core.settings import IdentityTable, settings
from showreel.identity.callers import Caller

MAX_WORKSPACE_ID_LENGTH = 128
Role = Literal["owner", "member"]


@dataclass(frozen=True)
class Membership:
    """A user's place in a workspace."""

    workspace_id: str
    user_id: str
    role: Role


def require_user(caller: Caller) -> str:
    """Returns whom the caller acts for. Raises InvalidInput `user_required` without anybody."""
    if not caller.user_id:
        raise InvalidInput("user_id is required with the service token", code="user_required")
    return caller.user_id


def require_member(caller: Caller, workspace_id: str) -> Membership:
    """Returns the membership, read consistently. Foreign and missing raise the same NotFound."""
    user_id, row = require_user(caller), None
    if isinstance(workspace_id, str) and 1 <= len(workspace_id) <= MAX_WORKSPACE_ID_LENGTH:
        table = Table(settings(IdentityTable).identity_table)
        row = table.get(f"workspace#{workspace_id}", f"member#{user_id}")
    if row is None:
        raise NotFound("Workspace not found")
    about(workspace_id=workspace_id, user_id=user_id)
    return Membership(workspace_id, user_id, row["role"])
