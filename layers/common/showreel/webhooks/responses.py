"""Webhooks as callers see them. A secret is only in the answer to the call that makes it."""

from typing import Any

from showreel.core.clock import iso_at
from showreel.core.wire import Wire
from showreel.webhooks.models import (
    Delivery,
    DeliveryStatus,
    DisabledReason,
    Endpoint,
    EndpointStatus,
    EventType,
)


class WebhookView(Wire):
    """An endpoint."""

    id: str
    url: str
    events: list[EventType]
    description: str
    status: EndpointStatus
    disabled_reason: DisabledReason | None
    disabled_at: str | None
    failing_since: str | None
    """The time since which every attempt has failed."""
    created_at: str
    updated_at: str


class SecretView(Wire):
    """A new secret, and until when the one before signs as well."""

    secret: str
    previous_secret_expires_at: str | None = None


class NewWebhookView(WebhookView):
    """An endpoint that was just made, with its secret."""

    secret: str


class WebhookPage(Wire):
    """A page of endpoints, by id."""

    items: list[WebhookView]
    next_cursor: str | None


class DeliveryView(Wire):
    """What became of one event. `id` is the `webhook-id` that the receiver sees."""

    id: str
    type: str
    status: DeliveryStatus
    attempts: int
    response_status: int | None
    error: str | None
    created_at: str
    last_attempt_at: str | None
    next_attempt_at: str | None
    finished_at: str | None


class DeliveryPage(Wire):
    """A page of deliveries, newest first."""

    items: list[DeliveryView]
    next_cursor: str | None


def webhook_view(endpoint: Endpoint) -> WebhookView:
    """Returns an endpoint as callers see it."""
    return WebhookView(**_shown(endpoint))


def new_webhook_view(endpoint: Endpoint, secret: str) -> NewWebhookView:
    """Returns a new endpoint with its secret."""
    return NewWebhookView(**_shown(endpoint), secret=secret)


def delivery_view(delivery: Delivery) -> DeliveryView:
    """Returns a delivery as callers see it."""
    shown = delivery.model_dump(include=set(DeliveryView.model_fields))
    return DeliveryView(**shown, created_at=delivery.at)


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    shown = endpoint.model_dump(include=set(WebhookView.model_fields))
    since = endpoint.failing_since
    return shown | {"failing_since": iso_at(since) if since else None}
