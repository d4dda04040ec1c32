"""Webhooks of a workspace over HTTP."""

from typing import Any

import pytest

from tests.support.cloud import new_webhook_queue

from .conftest import Invoke, header

URL = "https://hooks.example.com/showreel"
SHOWN = {
    "id",
    "url",
    "events",
    "description",
    "status",
    "disabledReason",
    "disabledAt",
    "failingSince",
    "createdAt",
    "updatedAt",
}


@pytest.fixture(autouse=True)
def _queue(cloud: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_QUEUE_URL", new_webhook_queue())


@pytest.fixture
def workspace(invoke: Invoke) -> str:
    return str(invoke("workspaces")["json"]["id"])


class Hooks:
    """The webhooks of one workspace, as a user calls them."""

    def __init__(self, invoke: Invoke, workspace: str) -> None:
        self.invoke, self.path = invoke, f"/api/workspaces/{workspace}/webhooks"

    def call(self, method: str, rest: str = "", body: Any = None, **more: Any) -> dict[str, Any]:
        path = self.path + rest
        return self.invoke("workspace_webhooks", method=method, path=path, body=body, **more)

    def make(self, **fields: Any) -> Any:
        made = self.call("POST", body={"url": URL, "events": ["run.completed"]} | fields)
        assert made["statusCode"] == 201, made
        return made["json"]


@pytest.fixture
def hooks(invoke: Invoke, workspace: str) -> Hooks:
    return Hooks(invoke, workspace)


def test_a_webhook_is_made_read_changed_and_removed(hooks: Hooks) -> None:
    made = hooks.make(events=["job.failed", "run.completed", "job.failed"], description="CRM")
    assert set(made) == SHOWN | {"secret"}
    assert made["secret"].startswith("whsec_")
    assert made["events"] == ["run.completed", "job.failed"]
    rest = f"/{made['id']}"
    read = hooks.call("GET", rest)
    assert set(read["json"]) == SHOWN
    assert read["json"] == {name: of for name, of in made.items() if name != "secret"}
    change = {"url": "https://other.example.com/", "status": "disabled", "description": ""}
    changed = hooks.call("PATCH", rest, change)["json"]
    assert (changed["url"], changed["status"]) == (change["url"], "disabled")
    assert (changed["disabledReason"], changed["description"]) == ("owner", "")
    assert changed["events"] == made["events"]
    enabled = hooks.call("PATCH", rest, {"status": "enabled"})["json"]
    assert (enabled["status"], enabled["disabledReason"]) == ("enabled", None)
    assert hooks.call("PATCH", rest, {})["json"]["url"] == change["url"]
    assert hooks.call("DELETE", rest)["statusCode"] == 204
    for method in ("GET", "DELETE"):
        assert hooks.call(method, rest)["statusCode"] == 404
    assert hooks.call("PATCH", rest, {"status": "enabled"})["statusCode"] == 404


def test_webhooks_are_listed_in_pages(hooks: Hooks) -> None:
    made = sorted(hooks.make()["id"] for _ in range(3))
    first = hooks.call("GET", query={"limit": "2"})["json"]
    second = hooks.call("GET", query={"limit": "2", "cursor": first["nextCursor"]})["json"]
    assert [one["id"] for one in first["items"] + second["items"]] == made
    assert second["nextCursor"] is None
    assert all("secret" not in one for one in first["items"])
    wrong = hooks.call("GET", query={"cursor": "bm9uc2Vuc2U"})
    assert (wrong["statusCode"], wrong["json"]["code"]) == (400, "invalid_cursor")


def test_the_same_key_is_the_same_webhook_with_its_secret(hooks: Hooks) -> None:
    key, body = {"Idempotency-Key": "k-1"}, {"url": URL, "events": ["run.failed"]}
    first = hooks.call("POST", body=body, headers=key)
    again = hooks.call("POST", body=body, headers=key)
    assert first["json"] == again["json"]
    assert (header(first, "idempotent-replayed"), header(again, "idempotent-replayed")) == (
        None,
        "true",
    )
    other = hooks.call("POST", body=body | {"events": ["job.failed"]}, headers=key)
    assert (other["statusCode"], other["json"]["code"]) == (422, "idempotency_mismatch")
    assert len(hooks.call("GET")["json"]["items"]) == 1


def test_a_workspace_has_at_most_ten(hooks: Hooks) -> None:
    made = [hooks.make()["id"] for _ in range(10)]
    refused = hooks.call("POST", body={"url": URL, "events": ["run.failed"]})
    assert (refused["statusCode"], refused["json"]["code"]) == (409, "webhook_limit")
    hooks.call("DELETE", f"/{made[0]}")
    hooks.make()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"url": "http://example.com/"}, "blocked_url"),
        ({"url": "https://10.0.0.1/"}, "blocked_url"),
        ({"url": "https://example.com/\nx"}, "blocked_url"),
        ({"url": ""}, "invalid_input"),
        ({"url": "https://example.com/" + "x" * 2100}, "invalid_input"),
        ({"events": []}, "invalid_input"),
        ({"events": ["run.started"]}, "invalid_input"),
        ({"description": "a\u202eb"}, "invalid_input"),
    ],
)
def test_what_makes_no_webhook_is_refused_with_its_field(
    hooks: Hooks, fields: dict[str, Any], code: str
) -> None:
    refused = hooks.call("POST", body={"url": URL, "events": ["run.failed"]} | fields)
    assert (refused["statusCode"], refused["json"]["code"]) == (400, code)
    assert refused["json"]["details"][0]["field"].startswith(next(iter(fields)))
    made = hooks.make()
    changed = hooks.call("PATCH", f"/{made['id']}", fields)
    assert (changed["statusCode"], changed["json"]["code"]) == (400, code)


def test_members_look_and_owners_change_and_strangers_see_nothing(
    hooks: Hooks, invoke: Invoke, workspace: str
) -> None:
    made = hooks.make()
    path = f"/api/workspaces/{workspace}/invitations"
    invoke("workspaces", path=path, body={"userId": "user-2"})
    invitation = invoke("me", user="user-2", path="/api/invitations", method="GET")["json"]
    accept = f"/api/invitations/{invitation['items'][0]['id']}/accept"
    invoke("me", user="user-2", path=accept, method="POST", body={})
    rest = f"/{made['id']}"
    looks = [("GET", "", None), ("GET", rest, None), ("GET", f"{rest}/deliveries", None)]
    changes = [
        ("POST", "", {"url": URL, "events": ["run.failed"]}),
        ("PATCH", rest, {"status": "disabled"}),
        ("POST", f"{rest}/test", None),
        ("POST", f"{rest}/rotate-secret", None),
        ("DELETE", rest, None),
    ]
    for method, where, body in looks:
        assert hooks.call(method, where, body, user="user-2")["statusCode"] == 200
    for method, where, body in changes:
        assert hooks.call(method, where, body, user="user-2")["statusCode"] == 403
    missing = invoke("workspace_webhooks", method="GET", path="/api/workspaces/none/webhooks")
    for method, where, body in looks + changes:
        answer = hooks.call(method, where, body, user="user-3")
        assert answer["statusCode"] == 404
        assert answer["json"]["message"] == missing["json"]["message"]


def test_a_webhook_of_another_workspace_is_not_found(hooks: Hooks, invoke: Invoke) -> None:
    other = Hooks(invoke, str(invoke("workspaces")["json"]["id"]))
    foreign = other.make()["id"]
    for webhook_id in (foreign, "we_missing"):
        for method, rest in (("GET", ""), ("GET", "/deliveries"), ("POST", "/test")):
            answer = hooks.call(method, f"/{webhook_id}{rest}")
            assert (answer["statusCode"], answer["json"]["message"]) == (404, "Webhook not found")


def test_a_test_call_is_a_delivery_and_comes_once_in_some_seconds(hooks: Hooks) -> None:
    made = hooks.make()
    sent = hooks.call("POST", f"/{made['id']}/test")
    assert sent["statusCode"] == 202
    assert (sent["json"]["type"], sent["json"]["status"]) == ("webhook.test", "pending")
    again = hooks.call("POST", f"/{made['id']}/test")
    assert again["statusCode"] == 429
    assert header(again, "retry-after") == "5"
    listed = hooks.call("GET", f"/{made['id']}/deliveries")["json"]
    assert listed == {"items": [sent["json"]], "nextCursor": None}
    hooks.call("PATCH", f"/{made['id']}", {"status": "disabled"})
    refused = hooks.call("POST", f"/{made['id']}/test")
    assert (refused["statusCode"], refused["json"]["code"]) == (409, "webhook_disabled")


def test_a_secret_is_replaced_and_several_are_too_many(hooks: Hooks) -> None:
    made = hooks.make()
    secrets = {made["secret"]}
    for _ in range(3):
        rotated = hooks.call("POST", f"/{made['id']}/rotate-secret")
        assert rotated["statusCode"] == 200
        assert set(rotated["json"]) == {"secret", "previousSecretExpiresAt"}
        secrets.add(rotated["json"]["secret"])
    assert len(secrets) == 4
    refused = hooks.call("POST", f"/{made['id']}/rotate-secret")
    assert (refused["statusCode"], refused["json"]["code"]) == (409, "too_many_secrets")
