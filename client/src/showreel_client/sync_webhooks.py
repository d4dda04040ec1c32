"""Webhooks of a workspace, synchronous. Every call raises GenerationError."""

from collections.abc import Iterable, Iterator
from typing import Unpack

from showreel_client.request_ids import request_id_of
from showreel_client.sync_storyboards import Resources
from showreel_client.webhook_calls import WebhookCalls
from showreel_client.webhooks import Event, Webhook, WebhookDelivery, WebhookFields, WebhookSecret


class Webhooks(Resources[WebhookCalls]):
    """Webhooks: URLs that are notified when a workspace's runs and jobs end."""

    def create(
        self,
        url: str,
        events: Iterable[Event],
        *,
        description: str = "",
        workspace_id: str | None = None,
        request_id: str | None = None,
    ) -> Webhook:
        """Creates a webhook with its secret; the same `request_id` is the same webhook."""
        key = request_id_of(request_id)
        return self._run(self._calls.create(url, events, description, workspace_id, key))

    def list(self, *, workspace_id: str | None = None) -> Iterator[Webhook]:
        """Yields a workspace's webhooks, by id."""
        return self._all(lambda cursor: self._calls.page(workspace_id, cursor))

    def get(self, webhook_id: str, *, workspace_id: str | None = None) -> Webhook:
        """Reads a webhook."""
        return self._run(self._calls.get(webhook_id, workspace_id))

    def update(
        self, webhook_id: str, *, workspace_id: str | None = None, **fields: Unpack[WebhookFields]
    ) -> Webhook:
        """Changes the given fields; `status` disables or enables it."""
        return self._run(self._calls.update(webhook_id, workspace_id, fields))

    def delete(self, webhook_id: str, *, workspace_id: str | None = None) -> None:
        """Removes a webhook."""
        self._run(self._calls.delete(webhook_id, workspace_id))

    def test(self, webhook_id: str, *, workspace_id: str | None = None) -> WebhookDelivery:
        """Sends a `webhook.test`; its result is in the deliveries."""
        return self._run(self._calls.test(webhook_id, workspace_id))

    def rotate_secret(self, webhook_id: str, *, workspace_id: str | None = None) -> WebhookSecret:
        """Makes another secret; for a day the one before signs as well."""
        return self._run(self._calls.rotate_secret(webhook_id, workspace_id))

    def deliveries(
        self, webhook_id: str, *, workspace_id: str | None = None
    ) -> Iterator[WebhookDelivery]:
        """Yields a webhook's deliveries, newest first."""
        return self._all(lambda cursor: self._calls.deliveries(webhook_id, workspace_id, cursor))
