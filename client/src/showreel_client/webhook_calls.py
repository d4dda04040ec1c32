"""The calls of a workspace's webhooks as conversations, which both services run."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from showreel_client import values, webhooks
from showreel_client.effects import Conversation, Request
from showreel_client.run import body_of, settled
from showreel_client.storyboard_calls import Calls
from showreel_client.storyboards import Page
from showreel_client.webhooks import Webhook, WebhookDelivery, WebhookSecret


class WebhookCalls(Calls):
    """Calls of webhooks: of the given workspace, else the client's, else the caller's first."""

    def create(
        self, url: str, events: Iterable[str], description: str, workspace_id: str | None, key: str
    ) -> Conversation[Webhook]:
        """Creates a webhook."""
        path = yield from self._path(workspace_id)
        body = {"url": url, "events": list(events), "description": description}
        return (yield from self._one(webhooks.webhook, "POST", path, body, key))

    def page(self, workspace_id: str | None, cursor: str | None) -> Conversation[Page[Webhook]]:
        """Reads a page of webhooks."""
        path = yield from self._path(workspace_id)
        return (yield from self._page(webhooks.webhook, path, cursor))

    def get(self, webhook_id: str, workspace_id: str | None) -> Conversation[Webhook]:
        """Reads a webhook."""
        path = yield from self._path(workspace_id, webhook_id)
        return (yield from self._one(webhooks.webhook, "GET", path))

    def update(
        self, webhook_id: str, workspace_id: str | None, fields: Mapping[str, Any]
    ) -> Conversation[Webhook]:
        """Changes a webhook."""
        path = yield from self._path(workspace_id, webhook_id)
        return (yield from self._one(webhooks.webhook, "PATCH", path, fields))

    def delete(self, webhook_id: str, workspace_id: str | None) -> Conversation[None]:
        """Removes a webhook."""
        path = yield from self._path(workspace_id, webhook_id)
        yield from self._done("DELETE", path)

    def test(self, webhook_id: str, workspace_id: str | None) -> Conversation[WebhookDelivery]:
        """Sends a test."""
        path = yield from self._path(workspace_id, webhook_id, "/test")
        return (yield from self._one(webhooks.delivery, "POST", path))

    def rotate_secret(
        self, webhook_id: str, workspace_id: str | None
    ) -> Conversation[WebhookSecret]:
        """Creates another secret."""
        path = yield from self._path(workspace_id, webhook_id, "/rotate-secret")
        run = self._run()
        request = Request("POST", f"{run.base_url}{path}", {"Accept": "application/json"})
        body = body_of(run, (yield from settled(run, request)))
        secret = values.text(body.get("secret"))
        if secret is None:
            raise run.error("The answer has no secret")
        until = values.text(body.get("previousSecretExpiresAt"))
        return WebhookSecret(secret=secret, previous_secret_expires_at=until)

    def deliveries(
        self, webhook_id: str, workspace_id: str | None, cursor: str | None
    ) -> Conversation[Page[WebhookDelivery]]:
        """Reads a page of a webhook's deliveries."""
        path = yield from self._path(workspace_id, webhook_id, "/deliveries")
        return (yield from self._page(webhooks.delivery, path, cursor))

    def _path(
        self, workspace_id: str | None, webhook_id: str | None = None, rest: str = ""
    ) -> Conversation[str]:
        """Returns the path. Raises ValueError for an empty id, whose path would be another one."""
        if webhook_id == "":
            raise ValueError("an id is empty")
        owner = yield from self._workspace(workspace_id)
        path = f"/api/workspaces/{quote(owner, safe='')}/webhooks"
        return path if webhook_id is None else f"{path}/{quote(webhook_id, safe='')}{rest}"
