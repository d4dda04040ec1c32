"""POST /api/uploads."""

from typing import Any

import pytest

from showreel.identity import Caller, service
from showreel.identity.models import CreateWorkspace

from .conftest import SERVICE_TOKEN, Invoke


@pytest.fixture
def workspace_id() -> str:
    return service.create_workspace(Caller("user-1"), CreateWorkspace(name="Studio")).id


def body(workspace_id: str, **changes: Any) -> dict[str, Any]:
    good = {"fileName": "room.jpg", "contentType": "image/jpeg", "size": 1000}
    return {"workspaceId": workspace_id, **good, **changes}


def test_a_member_gets_a_place_to_put_a_file(invoke: Invoke, workspace_id: str) -> None:
    answer = invoke("uploads", body=body(workspace_id))
    assert answer["statusCode"] == 201
    made = answer["json"]
    assert set(made) == {"url", "upload", "expiresIn"}
    assert made["url"].startswith("https://api.example.com/prod/storage/v1/object/public/uploads/")
    assert made["upload"]["method"] == "PUT"
    assert made["upload"]["headers"] == {"Content-Type": "image/jpeg", "Content-Length": "1000"}
    assert made["expiresIn"] == 900


def test_a_stranger_gets_what_a_missing_workspace_gets(invoke: Invoke, workspace_id: str) -> None:
    foreign = invoke("uploads", user="user-2", body=body(workspace_id))
    missing = invoke("uploads", user="user-2", body=body("missing"))
    assert foreign["statusCode"] == missing["statusCode"] == 404
    assert foreign["json"] == missing["json"]


def test_without_a_token_nothing_happens(invoke: Invoke, workspace_id: str) -> None:
    answer = invoke("uploads", user=None, body=body(workspace_id))
    assert answer["statusCode"] == 401
    assert answer["json"]["code"] == "unauthenticated"
    assert answer["json"]["success"] is False


def test_the_service_uploads_for_a_member(invoke: Invoke, workspace_id: str) -> None:
    headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    for user_id, status in (("user-1", 201), ("user-2", 404)):
        request = body(workspace_id, user_id=user_id)
        answer = invoke("uploads", user=None, headers=headers, body=request)
        assert answer["statusCode"] == status
    answer = invoke("uploads", body=body(workspace_id, user_id="user-2"))
    assert answer["statusCode"] == 403


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"contentType": "text/html"}, "invalid_input", "contentType"),
        ({"size": 0}, "invalid_input", "size"),
        ({"size": "1"}, "invalid_input", "size"),
        ({"size": 21 * 2**20}, "media_too_large", None),
        ({"fileName": None}, "invalid_input", "fileName"),
    ],
)
def test_odd_requests_are_refused(
    invoke: Invoke, workspace_id: str, change: Any, code: str, field: str | None
) -> None:
    answer = invoke("uploads", body=body(workspace_id, **change))
    assert (answer["statusCode"], answer["json"]["code"]) == (400, code)
    if field is not None:
        assert field in {detail["field"] for detail in answer["json"]["details"]}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"a": NaN}', "[" * 10_000])
def test_bodies_that_are_no_json_object_are_refused(invoke: Invoke, text: str) -> None:
    assert invoke("uploads", body=text or " ")["statusCode"] == 400
