"""Workspaces, members and invitations in the Identity table.

    workspace#{id}   workspace          name, owner_count, member_count, invitation_count
    workspace#{id}   member#{user}      role            (a workspace's members)
    user#{user}      workspace#{id}     role, name      (a user's workspaces)
    workspace#{id}   invitation#{user}  the invitation  (a workspace's open invitations)
    user#{user}      invitation#{id}    the invitation  (a user's open invitations)
    user#{user}      profile            default_workspace_id

The two rows of a membership or an invitation, and the counts, change in one transaction.
"""

import functools
from collections.abc import Mapping, Sequence

from showreel.core.clock import now_iso
from showreel.core.dynamo import Item, Only, Table, Write, transact
from showreel.core.ids import derived_id
from showreel.core.settings import IdentityTable, settings
from showreel.identity.members import Role

MAX_MEMBERS = 100
MAX_INVITATIONS = 100
WORKSPACE = "workspace"
PROFILE = "profile"
ROLE = {"#role": "role"}


class WorkspaceStore:
    """Rows of workspaces. Where a write "fails" it raises ConditionFailed."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, workspace_id: str, name: str, owner_id: str) -> Item:
        """Writes a workspace with its first owner; returns the owner's row."""
        created_at = now_iso()
        transact(self.creation_writes(workspace_id, name, owner_id, created_at))
        row = {"workspace_id": workspace_id, "name": name, "created_at": created_at}
        return row | {"role": "owner"}

    def creation_writes(
        self, workspace_id: str, name: str, owner_id: str, created_at: str
    ) -> list[Write]:
        """Returns `create` as parts of a transaction. They have no condition: the id is random, and
        a write that is repeated after a lost reply must not fail.

        A user's first workspace becomes the default one.
        """
        row = {"workspace_id": workspace_id, "name": name, "created_at": created_at}
        counts = {"owner_count": 1, "member_count": 1, "invitation_count": 0}
        born = {"pk": _workspace(workspace_id), "sk": WORKSPACE} | row | counts
        first = {"default_workspace_id": workspace_id}
        profile = self._table.set_write(_user(owner_id), PROFILE, {}, once=first)
        places = self._member_writes(row, owner_id, "owner", None)
        return [self._table.put_write(born), *places, profile]

    def default_workspace_id(self, user_id: str) -> str | None:
        """Returns the user's choice, else the first workspace that the user made; None if none."""
        found = (self._table.get(_user(user_id), PROFILE) or {}).get("default_workspace_id")
        return found or None

    def set_default(self, user_id: str, workspace_id: str | None) -> None:
        """Stores the user's choice; None is stored too, as the choice of no default."""
        changes = {"default_workspace_id": workspace_id or ""}
        self._table.apply(self._table.set_write(_user(user_id), PROFILE, changes))

    def workspace(self, workspace_id: str) -> Item | None:
        """Returns the workspace's own row, or None."""
        return self._table.get(_workspace(workspace_id), WORKSPACE)

    def member(self, workspace_id: str, user_id: str) -> Item | None:
        """Returns a member's row, or None."""
        return self._table.get(_workspace(workspace_id), _member(user_id))

    def members(self, workspace_id: str, limit: int, after: str | None) -> tuple[list[Item], bool]:
        """Returns one page of members by id, and whether there may be more."""
        return self._page(_workspace(workspace_id), "member#", limit, after)

    def workspaces(self, user_id: str, limit: int, after: str | None) -> tuple[list[Item], bool]:
        """Returns one page of a user's workspaces by id, and whether there may be more."""
        return self._page(_user(user_id), "workspace#", limit, after)

    def invited(self, workspace_id: str, limit: int, after: str | None) -> tuple[list[Item], bool]:
        """Returns one page of a workspace's invitations by user, and whether there may be more."""
        return self._page(_workspace(workspace_id), "invitation#", limit, after)

    def invitations(self, user_id: str, limit: int, after: str | None) -> tuple[list[Item], bool]:
        """Returns one page of a user's invitations by id, and whether there may be more."""
        return self._page(_user(user_id), "invitation#", limit, after)

    def _page(
        self, partition: str, kind: str, limit: int, after: str | None
    ) -> tuple[list[Item], bool]:
        rows, following = self._table.query(
            "pk = :pk AND begins_with(sk, :sk)",
            values={":pk": partition, ":sk": kind},
            limit=limit,
            start={"pk": partition, "sk": f"{kind}{after}"} if after else None,
        )
        return rows, following is not None

    def invitation(self, user_id: str, invitation_id: str) -> Item | None:
        """Returns an open invitation of the user, or None."""
        return self._table.get(_user(user_id), _invitation(invitation_id))

    def invitation_to(self, workspace_id: str, user_id: str) -> Item | None:
        """Returns the open invitation of a user to a workspace, or None."""
        return self._table.get(_workspace(workspace_id), _invitation(user_id))

    def invite(self, workspace: Item, user_id: str, role: Role, invited_by: str) -> None:
        """Writes an invitation. Fails if there is one already or if there are too many."""
        workspace_id = workspace["workspace_id"]
        room: Only = {
            "condition": "invitation_count < :most",
            "values": {":most": MAX_INVITATIONS},
        }
        row = {
            "id": derived_id("invitation", workspace_id, user_id),
            "workspace_id": workspace_id,
            "workspace_name": workspace["name"],
            "user_id": user_id,
            "role": role,
            "invited_by": invited_by,
            "created_at": now_iso(),
        }
        keys = _invitation_keys(row)
        writes = [self._table.put_write(key | row, "attribute_not_exists(pk)") for key in keys]
        transact([self._count(workspace_id, {"invitation_count": 1}, room), *writes])

    def close_invitation(self, invitation: Item) -> None:
        """Removes a declined or withdrawn invitation. Fails if it isn't open any more."""
        counted = self._count(invitation["workspace_id"], {"invitation_count": -1}, {})
        transact([counted, *self._closing(invitation)])

    def accept(self, invitation: Item) -> None:
        """Makes the invited user a member. Fails if the invitation isn't open any more, if the
        user is a member already, or if the workspace is full.
        """
        self._join(
            {"workspace_id": invitation["workspace_id"], "name": invitation["workspace_name"]},
            invitation["user_id"],
            invitation["role"],
            counts={"invitation_count": -1},
            writes=self._closing(invitation),
        )

    def _closing(self, invitation: Item) -> list[Write]:
        still: Only = {
            "condition": "#role = :role",  # on both rows, so both must exist
            "names": ROLE,
            "values": {":role": invitation["role"]},
        }
        keys = _invitation_keys(invitation)
        return [self._table.delete_write(key["pk"], key["sk"], **still) for key in keys]

    def add(self, workspace: Item, user_id: str, role: Role) -> None:
        """Adds a member. Fails if the user is one already, or if the workspace is full."""
        self._join(workspace, user_id, role)

    def _join(
        self,
        workspace: Item,
        user_id: str,
        role: Role,
        *,
        counts: Mapping[str, int] | None = None,
        writes: Sequence[Write] = (),
    ) -> None:
        workspace_id = workspace["workspace_id"]
        room: Only = {"condition": "member_count < :most", "values": {":most": MAX_MEMBERS}}
        joined = {"member_count": 1, "owner_count": int(role == "owner")}
        counted = self._count(workspace_id, joined | dict(counts or {}), room)
        row = {"workspace_id": workspace_id, "name": workspace["name"], "created_at": now_iso()}
        places = self._member_writes(row, user_id, role, "attribute_not_exists(pk)")
        transact([counted, *places, *writes])

    def change(self, workspace_id: str, user_id: str, role: Role) -> None:
        """Changes a role. Fails for the last owner, and if the role changed meanwhile."""
        old: Role = "member" if role == "owner" else "owner"
        was: Only = {"condition": "#role = :old", "names": ROLE, "values": {":old": old}}
        rows = ((_workspace(workspace_id), _member(user_id)), _list_key(workspace_id, user_id))
        updates = [self._table.set_write(*row, {"role": role}, **was) for row in rows]
        counted = self._count_owners(workspace_id, 0, 1 if role == "owner" else -1)
        transact([counted, *updates])

    def remove(self, workspace_id: str, user_id: str, role: Role) -> None:
        """Removes a member of this role. Fails for the last owner, and if the role changed."""
        there: Only = {"condition": "#role = :role", "names": ROLE, "values": {":role": role}}
        deletes = [
            self._table.delete_write(_workspace(workspace_id), _member(user_id), **there),
            self._table.delete_write(*_list_key(workspace_id, user_id)),
        ]
        transact([self._count_owners(workspace_id, -1, -1 if role == "owner" else 0), *deletes])

    def _count_owners(self, workspace_id: str, members: int, owners: int) -> Write:
        """Returns the change of the counts, on the condition that an owner stays."""
        values = {":fewest": 1 if owners < 0 else 0}
        stays: Only = {"condition": "owner_count > :fewest", "values": values}
        counts = {"member_count": members, "owner_count": owners}
        return self._count(workspace_id, counts, stays)

    def _count(self, workspace_id: str, counts: Mapping[str, int], only: Only) -> Write:
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


@functools.cache
def workspaces() -> WorkspaceStore:
    """Returns this process's store."""
    return WorkspaceStore(Table(settings(IdentityTable).identity_table))


def _workspace(workspace_id: str) -> str:
    return f"workspace#{workspace_id}"


def _member(user_id: str) -> str:
    return f"member#{user_id}"


def _user(user_id: str) -> str:
    return f"user#{user_id}"


def _invitation(name: str) -> str:
    """Returns a sort key; `name` is the user in a workspace's rows, the id in a user's."""
    return f"invitation#{name}"


def _invitation_keys(row: Item) -> list[Item]:
    return [
        {"pk": _workspace(row["workspace_id"]), "sk": _invitation(row["user_id"])},
        {"pk": _user(row["user_id"]), "sk": _invitation(row["id"])},
    ]


def _list_key(workspace_id: str, user_id: str) -> tuple[str, str]:
    return _user(user_id), _workspace(workspace_id)
