"""Webhooks of a workspace: made once, secrets not printed, deliveries page by page."""

import httpx
import pytest

from showreel_client import GenerationError, Webhook, WebhookDelivery, WebhookSecret
from tests.client.support import Both, Server, answer, failure

PATH = "api/workspaces/workspace-1/webhooks"
HOOK = {
    "id": "we_1",
    "url": "https://example.com/hook",
    "events": ["run.completed", 7],
    "description": "",
    "status": "enabled",
    "disabledReason": None,
    "createdAt": "2026-11-29T00:00:00.000Z",
    "updatedAt": "2026-11-29T00:00:00.000Z",
}
SENT = {"id": "evt_1", "type": "webhook.test", "status": "pending", "attempts": 0}


def test_a_webhook_is_made_once_however_often_it_is_tried(call: Both, server: Server) -> None:
    server.on(PATH, httpx.ConnectError("no"), answer(201, {**HOOK, "secret": "whsec_x"}))
    made = call("webhooks.create", HOOK["url"], ["run.completed"], description="CRM")
    assert isinstance(made, Webhook)
    assert (made.id, made.events, made.secret) == ("we_1", ("run.completed",), "whsec_x")
    assert "whsec_x" not in repr(made)
    first, again = server.bodies(PATH)
    assert first == again == {"url": HOOK["url"], "events": ["run.completed"], "description": "CRM"}
    assert len({request.headers["Idempotency-Key"] for request in server.to(PATH)}) == 1


def test_a_webhook_is_read_changed_tested_and_removed(call: Both, server: Server) -> None:
    server.on(f"{PATH}/we_1", answer(200, HOOK), answer(200, HOOK), answer(204, {}))
    assert call("webhooks.get", "we_1").secret is None
    call("webhooks.update", "we_1", status="disabled")
    call("webhooks.delete", "we_1")
    assert [request.method for request in server.to(f"{PATH}/we_1")] == ["GET", "PATCH", "DELETE"]
    server.on(f"{PATH}/we_1/test", answer(202, SENT))
    tested = call("webhooks.test", "we_1")
    assert tested == WebhookDelivery(id="evt_1", type="webhook.test", status="pending", attempts=0)
    told = {"secret": "whsec_y", "previousSecretExpiresAt": "2026-11-30T00:00:00.000Z"}
    server.on(f"{PATH}/we_1/rotate-secret", answer(200, told))
    rotated = call("webhooks.rotate_secret", "we_1")
    assert rotated == WebhookSecret(
        secret="whsec_y", previous_secret_expires_at="2026-11-30T00:00:00.000Z"
    )
    with pytest.raises(ValueError, match="empty"):
        call("webhooks.get", "")


def test_lists_are_read_page_by_page_also_of_another_workspace(call: Both, server: Server) -> None:
    other = PATH.replace("workspace-1", "w-2")
    pages = [
        answer(200, {"items": [SENT], "nextCursor": "c"}),
        answer(200, {"items": [{**SENT, "id": "evt_0"}], "nextCursor": None}),
    ]
    server.on(f"{other}/we_1/deliveries", *pages)
    told = call("webhooks.deliveries", "we_1", workspace_id="w-2")
    assert [one.id for one in told] == ["evt_1", "evt_0"]
    server.on(PATH, answer(200, {"items": [HOOK], "nextCursor": None}))
    assert [one.id for one in call("webhooks.list")] == ["we_1"]


def test_a_secret_that_is_missing_and_a_refusal_are_errors(call: Both, server: Server) -> None:
    server.on(f"{PATH}/we_1/rotate-secret", answer(200, {}))
    with pytest.raises(GenerationError):
        call("webhooks.rotate_secret", "we_1")
    server.on(PATH, failure(409, "webhook_limit"))
    with pytest.raises(GenerationError) as refused:
        call("webhooks.create", "https://example.com/", ["run.failed"])
    assert (refused.value.status, refused.value.server_code) == (409, "webhook_limit")
