"""Nobody becomes a member without saying yes, and a stranger's invitation changes nothing."""

from typing import Any

import pytest

from showreel.core.errors import Conflict, Forbidden, NotFound
from showreel.identity import Caller, invitations, require_member, service
from showreel.identity.models import (
    CreateWorkspace,
    Invitation,
    Invite,
    Member,
    SetMember,
    Workspace,
)

from .conftest import lose_replies

pytestmark = pytest.mark.usefixtures("table")
OWNER, FRIEND, STRANGER = Caller("owner"), Caller("friend"), Caller("stranger")


@pytest.fixture
def workspace() -> Workspace:
    return service.create_workspace(OWNER, CreateWorkspace(name="Studio"))


def invite(workspace: Workspace, user_id: str = "friend", role: Any = "member") -> Invitation:
    return invitations.invite(OWNER, workspace.id, Invite(user_id=user_id, role=role))


def open_of(caller: Caller) -> list[Invitation]:
    return invitations.list_invitations(caller, 50, None).items


def members(workspace: Workspace) -> list[Member]:
    return service.list_members(OWNER, workspace.id).items


def test_an_owner_cannot_make_anybody_a_member(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        service.set_member(OWNER, workspace.id, SetMember(user_id="friend", role="member"))
    with pytest.raises(NotFound):
        require_member(FRIEND, workspace.id)


def test_an_invitation_alone_changes_nothing_for_who_is_invited(workspace: Workspace) -> None:
    own = service.create_workspace(FRIEND, CreateWorkspace(name="Own"))
    invite(workspace, role="owner")
    with pytest.raises(NotFound):
        require_member(FRIEND, workspace.id)
    assert [item.id for item in service.list_workspaces(FRIEND, 50, None).items] == [own.id]
    assert len(members(workspace)) == 1


def test_the_default_workspace_stays_ones_own_after_accepting(workspace: Workspace) -> None:
    accepted = invitations.accept(FRIEND, invite(workspace).id)
    assert (accepted.id, accepted.name, accepted.role) == (workspace.id, "Studio", "member")
    with pytest.raises(NotFound):  # a stranger's texts never land here by themselves
        service.own_workspace(FRIEND, None)
    own = service.create_workspace(FRIEND, CreateWorkspace(name="Own"))
    assert service.own_workspace(FRIEND, None).workspace_id == own.id


def test_an_invitation_is_accepted_once(workspace: Workspace) -> None:
    invitation = invite(workspace)
    assert open_of(FRIEND) == [invitation]
    invitations.accept(FRIEND, invitation.id)
    assert {member.user_id for member in members(workspace)} == {"owner", "friend"}
    assert open_of(FRIEND) == invitations.list_invited(OWNER, workspace.id, 50, None).items == []
    with pytest.raises(NotFound):
        invitations.accept(FRIEND, invitation.id)
    with pytest.raises(Conflict) as caught:
        invite(workspace)
    assert caught.value.code == "already_member"


def test_declined_and_withdrawn_invitations_are_gone(workspace: Workspace) -> None:
    invitations.decline(FRIEND, invite(workspace).id)
    withdrawn = invite(workspace)
    invitations.withdraw(OWNER, workspace.id, "friend")
    for attempt in (
        lambda: invitations.accept(FRIEND, withdrawn.id),
        lambda: invitations.decline(FRIEND, withdrawn.id),
        lambda: invitations.withdraw(OWNER, workspace.id, "friend"),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert len(members(workspace)) == 1
    invitations.accept(FRIEND, invite(workspace).id)


def test_only_who_is_invited_may_answer(workspace: Workspace) -> None:
    invitation = invite(workspace)
    for caller in (STRANGER, OWNER):
        for answer in (invitations.accept, invitations.decline):
            for invitation_id in (invitation.id, "missing"):
                with pytest.raises(NotFound) as caught:
                    answer(caller, invitation_id)
                assert caught.value.message == "Invitation not found"
    assert open_of(FRIEND) == [invitation]


def test_only_owners_invite_look_and_withdraw(workspace: Workspace) -> None:
    invitations.accept(FRIEND, invite(workspace).id)
    invite(workspace, "third")
    for caller, refused in ((FRIEND, Forbidden), (STRANGER, NotFound)):
        for attempt in (
            lambda who: invitations.invite(who, workspace.id, Invite(user_id="fourth")),
            lambda who: invitations.list_invited(who, workspace.id, 50, None),
            lambda who: invitations.withdraw(who, workspace.id, "third"),
        ):
            with pytest.raises(refused):
                attempt(caller)


def test_the_same_invitation_twice_is_one(workspace: Workspace) -> None:
    assert invite(workspace) == invite(workspace)
    with pytest.raises(Conflict) as caught:
        invite(workspace, role="owner")
    assert caught.value.code == "already_invited"
    assert [item.role for item in open_of(FRIEND)] == ["member"]


def test_invitations_and_members_have_limits(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("showreel.identity.store.MAX_INVITATIONS", 2)
    monkeypatch.setattr("showreel.identity.store.MAX_MEMBERS", 2)
    first, second = invite(workspace), invite(workspace, "stranger")
    with pytest.raises(Conflict) as caught:
        invite(workspace, "third")
    assert caught.value.code == "invitation_limit"
    invitations.accept(FRIEND, first.id)
    with pytest.raises(Conflict) as caught:
        invitations.accept(STRANGER, second.id)
    assert caught.value.code == "member_limits"
    assert open_of(STRANGER) == [second]
    invite(workspace, "third")


def test_one_whom_the_service_added_meanwhile_may_still_accept(workspace: Workspace) -> None:
    invitation = invite(workspace)
    added = SetMember(user_id="friend", role="member")
    service.set_member(Caller("owner", is_service=True), workspace.id, added)
    assert invitations.accept(FRIEND, invitation.id).id == workspace.id
    assert open_of(FRIEND) == []


@pytest.mark.parametrize("write", ["invite", "accept", "decline"])
def test_a_write_whose_reply_was_lost_does_not_fail_on_itself(
    workspace: Workspace, write: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = None if write == "invite" else invite(workspace)
    lose_replies(monkeypatch)
    if invitation is None:
        invite(workspace)
    elif write == "accept":
        invitations.accept(FRIEND, invitation.id)
    else:
        invitations.decline(FRIEND, invitation.id)
    monkeypatch.undo()
    assert len(open_of(FRIEND)) == (write == "invite")
    assert len(members(workspace)) == (2 if write == "accept" else 1)


def test_invitations_come_in_pages() -> None:
    for number in range(5):
        invite(service.create_workspace(OWNER, CreateWorkspace(name=f"{number}")))
    seen: list[str] = []
    cursor = None
    for _ in range(5):
        page = invitations.list_invitations(FRIEND, 2, cursor)
        seen += [item.workspace_name for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == ["0", "1", "2", "3", "4"]
