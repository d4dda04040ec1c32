"""Workspaces and members over HTTP."""

from typing import Any

import pytest

from .conftest import Invoke


def made(invoke: Invoke, user: str = "user-1") -> str:
    answer = invoke("workspaces", user=user)
    assert answer["statusCode"] == 201
    return str(answer["json"]["id"])


def members(invoke: Invoke, workspace_id: str, user: str = "user-1", **rest: Any) -> dict[str, Any]:
    path = f"/api/workspaces/{workspace_id}/members{rest.pop('member', '')}"
    return invoke("workspaces", user=user, path=path, **rest)


def test_a_workspace_is_made_and_listed(invoke: Invoke) -> None:
    workspace_id = made(invoke)
    answer = invoke("workspaces", method="GET")
    assert answer["statusCode"] == 200
    assert answer["json"]["nextCursor"] is None
    (item,) = answer["json"]["items"]
    assert set(item) == {"id", "name", "role", "createdAt"}
    assert (item["id"], item["name"], item["role"]) == (workspace_id, "Studio North", "owner")


def answered(invoke: Invoke, user: str, path: str, method: str = "POST") -> dict[str, Any]:
    return invoke("me", user=user, path=path, method=method, body={})


def test_members_come_change_and_go(invoke: Invoke) -> None:
    workspace_id = made(invoke)
    path = f"/api/workspaces/{workspace_id}/invitations"
    body = {"userId": "user|2"}
    invited = invoke("workspaces", path=path, body=body)
    assert invited["statusCode"] == 201
    assert invited["json"].keys() >= {"id", "workspaceId", "workspaceName", "role", "invitedBy"}
    assert members(invoke, workspace_id, "user|2", method="GET")["statusCode"] == 404
    (seen,) = answered(invoke, "user|2", "/api/invitations", "GET")["json"]["items"]
    assert seen == invited["json"]
    accepted = answered(invoke, "user|2", f"/api/invitations/{seen['id']}/accept")
    assert (accepted["statusCode"], accepted["json"]["role"]) == (200, "member")
    promoted = {"userId": "user|2", "role": "owner"}
    changed = members(invoke, workspace_id, method="PUT", body=promoted)
    assert changed["statusCode"] == 200
    assert set(changed["json"]) == {"userId", "role", "createdAt"}
    demoted = members(invoke, workspace_id, method="PUT", body=promoted | {"role": "member"})
    assert demoted["json"]["role"] == "member"
    listed = members(invoke, workspace_id, method="GET")["json"]["items"]
    assert {one["userId"]: one["role"] for one in listed} == {
        "user-1": "owner",
        "user|2": "member",
    }
    assert members(invoke, workspace_id, "user|2", method="GET")["statusCode"] == 200
    removed = members(invoke, workspace_id, method="DELETE", member="/user%7C2")
    assert removed["statusCode"] == 204
    assert members(invoke, workspace_id, "user|2", method="GET")["statusCode"] == 404


def test_nobody_is_made_a_member(invoke: Invoke) -> None:
    workspace_id = made(invoke)
    body = {"userId": "user-2", "role": "member"}
    assert members(invoke, workspace_id, method="PUT", body=body)["statusCode"] == 404
    assert members(invoke, workspace_id, "user-2", method="GET")["statusCode"] == 404


def test_invitations_are_declined_and_withdrawn(invoke: Invoke) -> None:
    workspace_id = made(invoke)
    path = f"/api/workspaces/{workspace_id}/invitations"
    for answer in ("decline", "withdraw"):
        id_ = invoke("workspaces", path=path, body={"userId": "user|2"})["json"]["id"]
        if answer == "decline":
            done = answered(invoke, "user|2", f"/api/invitations/{id_}/decline")
        else:
            done = invoke("workspaces", path=f"{path}/user%7C2", method="DELETE")
        assert done["statusCode"] == 204
        assert invoke("workspaces", path=path, method="GET")["json"]["items"] == []


def test_the_default_workspace_is_the_users_own_choice(invoke: Invoke) -> None:
    first, second = made(invoke), made(invoke)
    assert invoke("me", method="GET")["json"] == {"userId": "user-1", "defaultWorkspaceId": first}
    changed = invoke("me", body={"defaultWorkspaceId": second})
    assert changed["json"]["defaultWorkspaceId"] == second
    foreign = invoke("me", body={"defaultWorkspaceId": made(invoke, "user-2")})
    missing = invoke("me", body={"defaultWorkspaceId": "missing"})
    assert (foreign["statusCode"], foreign["body"]) == (404, missing["body"])
    money = invoke("credits", method="GET", path="/api/credits", body={})
    assert money["json"]["workspaceId"] == second


def test_the_last_owner_stays(invoke: Invoke) -> None:
    answer = members(invoke, made(invoke), method="DELETE", member="/user-1")
    assert (answer["statusCode"], answer["json"]["code"]) == (409, "member_limits")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_foreign_workspace_looks_missing(invoke: Invoke, method: str) -> None:
    workspace_id = made(invoke)
    body = {"userId": "user-2", "role": "owner"}
    member = "/user-1" if method == "DELETE" else ""
    answers = [
        members(invoke, id_, "user-2", method=method, body=body, member=member)
        for id_ in (workspace_id, "8f14e45f-ceea-467f-9575-25a5e3d4c9a1", "x")
    ]
    assert {answer["statusCode"] for answer in answers} == {404}
    assert len({answer["body"] for answer in answers}) == 1
    too_long = members(invoke, "w" * 300, "user-2", method=method, body=body, member=member)
    assert (too_long["statusCode"], too_long["json"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"cursor": "c" * 200}]
)
def test_odd_pages_are_refused(invoke: Invoke, query: dict[str, str]) -> None:
    assert invoke("workspaces", method="GET", query=query)["statusCode"] == 400


def test_unknown_query_parameters_are_ignored(invoke: Invoke) -> None:
    query = {"forceFunctionRegion": "any"}
    assert invoke("workspaces", method="GET", query=query)["statusCode"] == 200


def test_unknown_fields_are_never_kept(invoke: Invoke) -> None:
    body = {"name": "A", "id": "chosen", "role": "member", "owner_count": 9}
    answer = invoke("workspaces", body=body)
    assert answer["json"]["id"] != "chosen"
    assert answer["json"]["role"] == "owner"
