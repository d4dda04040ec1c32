"""Who is in a workspace, and who may change that."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import pytest
from pydantic import ValidationError

from showreel.core import dynamo
from showreel.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from showreel.identity import Caller, require_member, service
from showreel.identity.models import ChangeMe, CreateWorkspace, Me, SetMember, Workspace

from .conftest import lose_replies

pytestmark = pytest.mark.usefixtures("table")
OWNER, FRIEND, STRANGER = Caller("owner"), Caller("friend"), Caller("stranger")


@pytest.fixture
def workspace() -> Workspace:
    return service.create_workspace(OWNER, CreateWorkspace(name="Studio"))


def put(caller: Caller, workspace_id: str, user_id: str, role: Any = "member") -> None:
    service.set_member(caller, workspace_id, SetMember(user_id=user_id, role=role))


def add(workspace_id: str, user_id: str, role: Any = "member") -> None:
    """As the service does it for an owner."""
    put(Caller("owner", is_service=True), workspace_id, user_id, role)


def members(workspace: Workspace) -> dict[str, str]:
    return {m.user_id: m.role for m in service.list_members(OWNER, workspace.id).items}


def test_the_maker_owns_the_workspace(workspace: Workspace) -> None:
    assert workspace.role == "owner"
    assert require_member(OWNER, workspace.id).role == "owner"
    assert service.list_workspaces(OWNER, 50, None).items == [workspace]
    assert service.own_workspace(OWNER, None).workspace_id == workspace.id
    assert members(workspace) == {"owner": "owner"}


def test_a_foreign_and_a_missing_workspace_look_the_same(workspace: Workspace) -> None:
    seen = set()
    for workspace_id in (workspace.id, "missing", "", "w" * 5000, "a#b", "x\x00y"):
        with pytest.raises(NotFound) as caught:
            require_member(STRANGER, workspace_id)
        seen.add((caught.value.code, caught.value.message))
    assert len(seen) == 1


def test_a_stranger_can_do_nothing(workspace: Workspace) -> None:
    for attempt in (
        lambda: service.list_members(STRANGER, workspace.id),
        lambda: put(STRANGER, workspace.id, "stranger", "owner"),
        lambda: service.remove_member(STRANGER, workspace.id, "owner"),
        lambda: service.remove_member(STRANGER, workspace.id, "stranger"),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_member_may_look_and_leave_but_not_change(workspace: Workspace) -> None:
    add(workspace.id, "friend")
    assert service.list_workspaces(FRIEND, 50, None).items[0].role == "member"
    assert len(service.list_members(FRIEND, workspace.id).items) == 2
    for attempt in (
        lambda: put(FRIEND, workspace.id, "stranger"),
        lambda: put(FRIEND, workspace.id, "friend", "owner"),
        lambda: service.remove_member(FRIEND, workspace.id, "owner"),
    ):
        with pytest.raises(Forbidden):
            attempt()
    service.remove_member(FRIEND, workspace.id, "friend")
    with pytest.raises(NotFound):
        require_member(FRIEND, workspace.id)
    assert service.list_workspaces(FRIEND, 50, None).items == []


def test_a_removed_member_is_out_at_once(workspace: Workspace) -> None:
    add(workspace.id, "friend")
    require_member(FRIEND, workspace.id)
    service.remove_member(OWNER, workspace.id, "friend")
    with pytest.raises(NotFound):
        require_member(FRIEND, workspace.id)
    with pytest.raises(NotFound):
        service.remove_member(OWNER, workspace.id, "friend")


def test_the_last_owner_can_neither_leave_nor_step_down(workspace: Workspace) -> None:
    add(workspace.id, "friend")
    for attempt in (
        lambda: service.remove_member(OWNER, workspace.id, "owner"),
        lambda: put(OWNER, workspace.id, "owner", "member"),
    ):
        with pytest.raises(Conflict) as caught:
            attempt()
        assert caught.value.code == "member_limits"
    add(workspace.id, "friend", "owner")
    put(FRIEND, workspace.id, "owner", "member")
    assert members(workspace) == {"friend": "owner", "owner": "member"}
    service.remove_member(OWNER, workspace.id, "owner")


def test_two_owners_who_leave_at_once_leave_one_behind(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(workspace.id, "friend", "owner")
    lock, call = Lock(), dynamo._call

    def one_at_a_time(operation: str, **request: Any) -> Any:
        with lock:  # moto's transactions are not atomic among threads
            return call(operation, **request)

    monkeypatch.setattr(dynamo, "_call", one_at_a_time)

    def leave(caller: Caller) -> bool:
        try:
            service.remove_member(caller, workspace.id, caller.user_id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, (OWNER, FRIEND))) == [False, True]


def test_the_same_change_twice_is_no_change(workspace: Workspace) -> None:
    for _ in range(2):
        add(workspace.id, "friend")
    for _ in range(2):
        put(OWNER, workspace.id, "friend", "owner")
    assert members(workspace) == {"owner": "owner", "friend": "owner"}


@pytest.mark.parametrize("change", ["add", "promote", "remove"])
def test_a_write_whose_reply_was_lost_does_not_fail_on_itself(
    workspace: Workspace, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if change != "add":
        add(workspace.id, "friend")
    lose_replies(monkeypatch)
    if change == "remove":
        service.remove_member(OWNER, workspace.id, "friend")
    else:
        add(workspace.id, "friend", "owner" if change == "promote" else "member")
    monkeypatch.undo()
    assert ("friend" in members(workspace)) is (change != "remove")


def test_a_workspace_has_a_limit(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showreel.identity.store.MAX_MEMBERS", 3)
    add(workspace.id, "second")
    add(workspace.id, "third")
    with pytest.raises(Conflict):
        add(workspace.id, "fourth")
    service.remove_member(OWNER, workspace.id, "third")
    add(workspace.id, "fourth")


def test_workspaces_come_in_pages() -> None:
    made = {service.create_workspace(OWNER, CreateWorkspace(name=f"{n}")).id for n in range(5)}
    seen: list[str] = []
    cursor = None
    for _ in range(5):
        page = service.list_workspaces(OWNER, 2, cursor)
        seen += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda caller: service.create_workspace(caller, CreateWorkspace(name="x")),
        lambda caller: service.list_workspaces(caller, 50, None),
        lambda caller: require_member(caller, "any"),
    ],
)
def test_a_service_without_a_user_is_asked_for_one(attempt: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        attempt(Caller("", is_service=True))
    assert caught.value.code == "user_required"


def test_the_service_acts_within_the_users_memberships(workspace: Workspace) -> None:
    assert require_member(Caller("owner", is_service=True), workspace.id).role == "owner"
    with pytest.raises(NotFound):
        require_member(Caller("stranger", is_service=True), workspace.id)


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, None, 7])
def test_odd_names_are_refused(name: Any) -> None:
    with pytest.raises(ValidationError):
        CreateWorkspace.model_validate({"name": name})


@pytest.mark.parametrize(
    "body",
    [
        {"userId": "", "role": "member"},
        {"userId": "a b", "role": "member"},
        {"userId": "a" * 256, "role": "member"},
        {"userId": "é", "role": "member"},
        {"userId": "a\n", "role": "member"},
        {"userId": "a", "role": "admin"},
        {"userId": "a"},
        {"role": "member"},
    ],
)
def test_odd_members_are_refused(body: Any) -> None:
    with pytest.raises(ValidationError):
        SetMember.model_validate(body)


def test_the_first_own_workspace_is_the_default_until_another_is_chosen() -> None:
    made = [service.create_workspace(OWNER, CreateWorkspace(name=f"{n}")).id for n in range(6)]
    assert service.me(OWNER) == Me(user_id="owner", default_workspace_id=made[0])
    assert service.own_workspace(OWNER, None).workspace_id == made[0]
    assert service.own_workspace(OWNER, made[3]).workspace_id == made[3]
    chosen = service.change_me(OWNER, ChangeMe(default_workspace_id=made[2]))
    assert chosen.default_workspace_id == made[2]
    assert service.own_workspace(OWNER, None).workspace_id == made[2]
    service.change_me(OWNER, ChangeMe(default_workspace_id=None))
    service.create_workspace(OWNER, CreateWorkspace(name="later"))
    assert service.me(OWNER).default_workspace_id is None


def test_a_strangers_workspace_can_be_neither_named_nor_chosen(workspace: Workspace) -> None:
    for attempt in (
        lambda: service.own_workspace(STRANGER, workspace.id),
        lambda: service.change_me(STRANGER, ChangeMe(default_workspace_id=workspace.id)),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_without_a_default_a_call_that_names_no_workspace_is_refused(workspace: Workspace) -> None:
    def code() -> str:
        with pytest.raises(NotFound) as caught:
            service.own_workspace(FRIEND, None)
        return caught.value.code

    assert code() == "no_default_workspace"
    add(workspace.id, "friend")
    assert code() == "no_default_workspace"
    service.change_me(FRIEND, ChangeMe(default_workspace_id=workspace.id))
    assert service.own_workspace(FRIEND, None).workspace_id == workspace.id
    service.remove_member(FRIEND, workspace.id, "friend")
    assert code() == "no_default_workspace"


@pytest.mark.parametrize(
    "name", ["tab\tin it", "a\u202eb", "a\u200bb", "\ufeffa", "a\u2066b", "a\u00adb", "a\u2028b"]
)
def test_a_name_hides_nothing(name: str) -> None:
    with pytest.raises(ValidationError):
        CreateWorkspace(name=name)


def test_members_come_in_pages_whatever_their_ids(workspace: Workspace) -> None:
    ids = ["owner", *(f"user|{n:03}" for n in range(8)), "~" * 255]
    for user_id in ids[1:]:
        add(workspace.id, user_id)
    seen: list[str] = []
    cursor = None
    for _ in ids:
        page = service.list_members(OWNER, workspace.id, 3, cursor)
        seen += [member.user_id for member in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted(ids)
