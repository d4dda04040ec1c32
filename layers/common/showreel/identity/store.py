"""Workspaces and members in the Identity table.

    workspace#{id}   workspace          name, owner_count, member_count
    workspace#{id}   member#{user}      role            (who is in a workspace)
    user#{user}      workspace#{id}     role, name      (where a user is in)

The last two say the same and change in one transaction, together with the counts.
"""

from showreel.core.clock import now_iso
from showreel.core.dynamo import Item, Only, Table, Write, transact
from showreel.identity.members import Role

MAX_MEMBERS = 100
WORKSPACE = "workspace"
ROLE = {"#role": "role"}


class WorkspaceStore:
    """Rows of workspaces. Conditions that don't hold raise ConditionFailed."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, workspace_id: str, name: str, owner_id: str) -> Item:
        """Writes a workspace with its first owner; returns the owner's list row. No condition:
        the id is random, and a repeated write whose reply was lost must not fail on itself.
        """
        row = {"workspace_id": workspace_id, "name": name, "created_at": now_iso()}
        counts = {"owner_count": 1, "member_count": 1}
        born = {"pk": _workspace(workspace_id), "sk": WORKSPACE} | row | counts
        transact([self._table.put_write(born), *self._member_writes(row, owner_id, "owner", None)])
        return row | {"role": "owner"}

    def workspace(self, workspace_id: str) -> Item | None:
        """Returns the workspace's own row."""
        return self._table.get(_workspace(workspace_id), WORKSPACE)

    def member(self, workspace_id: str, user_id: str) -> Item | None:
        """Returns a member's row."""
        return self._table.get(_workspace(workspace_id), _member(user_id))

    def members(self, workspace_id: str) -> list[Item]:
        """Returns all members; their number is bounded."""
        values = {":pk": _workspace(workspace_id), ":sk": "member#"}
        return list(self._table.query_all("pk = :pk AND begins_with(sk, :sk)", values=values))

    def workspaces(self, user_id: str, limit: int, after: str | None) -> tuple[list[Item], bool]:
        """Returns one page of a user's workspaces, and whether there may be more."""
        partition = f"user#{user_id}"
        start = {"pk": partition, "sk": _workspace(after)} if after else None
        values = {":pk": partition, ":sk": "workspace#"}
        rows, following = self._table.query(
            "pk = :pk AND begins_with(sk, :sk)", values=values, limit=limit, start=start
        )
        return rows, following is not None

    def add(self, workspace: Item, user_id: str, role: Role) -> None:
        """Adds a member. Fails if there already or if the workspace is full."""
        workspace_id = workspace["workspace_id"]
        room: Only = {"condition": "member_count < :most", "values": {":most": MAX_MEMBERS}}
        counted = self._count(workspace_id, 1, int(role == "owner"), room)
        row = {"workspace_id": workspace_id, "name": workspace["name"], "created_at": now_iso()}
        writes = self._member_writes(row, user_id, role, "attribute_not_exists(pk)")
        transact([counted, *writes])

    def change(self, workspace_id: str, user_id: str, role: Role) -> None:
        """Changes a role. Fails for the last owner, and if the role changed meanwhile."""
        old: Role = "member" if role == "owner" else "owner"
        was: Only = {"condition": "#role = :old", "names": ROLE, "values": {":old": old}}
        rows = ((_workspace(workspace_id), _member(user_id)), _list_key(workspace_id, user_id))
        updates = [self._table.set_write(*row, {"role": role}, **was) for row in rows]
        counted = self._count_owners(workspace_id, 0, 1 if role == "owner" else -1)
        transact([counted, *updates])

    def remove(self, workspace_id: str, user_id: str, role: Role) -> None:
        """Takes a member of this role out. Fails for the last owner, and if the role changed."""
        there: Only = {"condition": "#role = :role", "names": ROLE, "values": {":role": role}}
        deletes = [
            self._table.delete_write(_workspace(workspace_id), _member(user_id), **there),
            self._table.delete_write(*_list_key(workspace_id, user_id)),
        ]
        transact([self._count_owners(workspace_id, -1, -1 if role == "owner" else 0), *deletes])

    def _count_owners(self, workspace_id: str, members: int, owners: int) -> Write:
        """Changes the counts; an owner may go only if another stays."""
        values = {":fewest": 1 if owners < 0 else 0}
        stays: Only = {"condition": "owner_count > :fewest", "values": values}
        return self._count(workspace_id, members, owners, stays)

    def _count(self, workspace_id: str, members: int, owners: int, only: Only) -> Write:
        counts = {"member_count": members, "owner_count": owners}
        return self._table.set_write(_workspace(workspace_id), WORKSPACE, {}, add=counts, **only)

    def _member_writes(
        self, row: Item, user_id: str, role: Role, condition: str | None
    ) -> list[Write]:
        workspace_id = row["workspace_id"]
        own = {"user_id": user_id, "role": role, "created_at": row["created_at"]}
        place = {"workspace_id": workspace_id} | own
        member = {"pk": _workspace(workspace_id), "sk": _member(user_id)} | place
        partition, sort = _list_key(workspace_id, user_id)
        listed = {"pk": partition, "sk": sort, "name": row["name"]} | place
        return [self._table.put_write(member, condition), self._table.put_write(listed)]


def _workspace(workspace_id: str) -> str:
    return f"workspace#{workspace_id}"


def _member(user_id: str) -> str:
    return f"member#{user_id}"


def _list_key(workspace_id: str, user_id: str) -> tuple[str, str]:
    return f"user#{user_id}", _workspace(workspace_id)
