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


def test_members_come_change_and_go(invoke: Invoke) -> None:
    workspace_id = made(invoke)
    added = members(invoke, workspace_id, method="PUT", body={"userId": "user|2", "role": "member"})
    assert added["statusCode"] == 200
    assert set(added["json"]) == {"userId", "role", "createdAt"}
    listed = members(invoke, workspace_id, method="GET")["json"]["items"]
    assert {one["userId"]: one["role"] for one in listed} == {
        "user-1": "owner",
        "user|2": "member",
    }
    assert members(invoke, workspace_id, "user|2", method="GET")["statusCode"] == 200
    removed = members(invoke, workspace_id, method="DELETE", member="/user%7C2")
    assert removed["statusCode"] == 204
    assert members(invoke, workspace_id, "user|2", method="GET")["statusCode"] == 404


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
        for id_ in (workspace_id, "8f14e45f-ceea-467f-9575-25a5e3d4c9a1", "x", "w" * 300)
    ]
    assert {answer["statusCode"] for answer in answers} == {404}
    assert len({answer["body"] for answer in answers}) == 1


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
