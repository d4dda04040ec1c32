"""Manages a workspace's webhooks: members may read them, owners may change them."""

import re

from showreel.core.clock import iso_at, now_iso, now_seconds
from showreel.core.dynamo import Item
from showreel.core.errors import (
    Conflict,
    Forbidden,
    IdempotencyMismatch,
    InvalidInput,
    about_field,
)
from showreel.core.ids import derived_id, digest_of, new_id
from showreel.core.wire import Wire
from showreel.edge.paging import decode_cursor, encode_cursor
from showreel.identity import Caller, require_member
from showreel.webhooks import queue
from showreel.webhooks.bodies import event_of
from showreel.webhooks.models import MAX_SECRETS, SECRET_SECONDS, TEST, Delivery, Endpoint, Secret
from showreel.webhooks.responses import (
    DeliveryPage,
    DeliveryView,
    NewWebhookView,
    SecretView,
    WebhookPage,
    WebhookView,
    delivery_view,
    new_webhook_view,
    webhook_view,
)
from showreel.webhooks.schemas import NewWebhook, WebhookChange
from showreel.webhooks.secrets import new_salt, text_of
from showreel.webhooks.store import disabled, enabled, webhooks

PLACE = re.compile(r"[A-Za-z0-9_.:#-]{1,128}\Z")
"""The form of a cursor's place in either list."""


class TestData(Wire):
    """The `data` of a test call."""

    webhook_id: str
    message: str = "This is a test of your webhook"


def create(
    caller: Caller, workspace_id: str, request: NewWebhook, key: str | None = None
) -> tuple[NewWebhookView, bool]:
    """Adds an endpoint, once per key; returns it, and whether it existed before.

    Raises InvalidInput `blocked_url`, Conflict `webhook_limit`, IdempotencyMismatch.
    """
    _require_owner(caller, workspace_id)
    _check_url(request.url)
    now, wish = now_iso(), request.model_dump()
    made = Endpoint(
        id=_id(workspace_id, key),
        workspace_id=workspace_id,
        **wish,
        secrets=(Secret(salt=new_salt()),),
        request_digest=digest_of(wish),
        created_at=now,
        updated_at=now,
    )
    endpoint = webhooks().create(made)
    if endpoint.request_digest != made.request_digest:
        raise IdempotencyMismatch("This Idempotency-Key was used with another body")
    view = new_webhook_view(endpoint, text_of(endpoint.id, endpoint.secrets[0]))
    return view, endpoint != made


def _id(workspace_id: str, key: str | None) -> str:
    if key is None:
        return new_id("we")
    return f"we_{derived_id(workspace_id, 'webhook', key).replace('-', '')}"


def list_all(caller: Caller, workspace_id: str, limit: int, cursor: str | None) -> WebhookPage:
    """Returns a page of endpoints. Raises InvalidInput `invalid_cursor`."""
    require_member(caller, workspace_id)
    key = f"{workspace_id}#webhook"
    rows, more = webhooks().endpoints(workspace_id, limit, _after(key, cursor))
    found = [Endpoint.model_validate(row) for row in rows]
    following = encode_cursor(key, [found[-1].id]) if more and found else None
    return WebhookPage(items=[webhook_view(one) for one in found], next_cursor=following)


def read(caller: Caller, workspace_id: str, webhook_id: str) -> WebhookView:
    """Returns an endpoint. Raises NotFound."""
    require_member(caller, workspace_id)
    return webhook_view(webhooks().get(workspace_id, webhook_id))


def change(
    caller: Caller, workspace_id: str, webhook_id: str, request: WebhookChange
) -> WebhookView:
    """Changes the fields in the body; enabling resets the failures. Raises NotFound."""
    _require_owner(caller, workspace_id)
    given = request.given()
    if "url" in given:
        _check_url(request.url)
    endpoint = webhooks().get(workspace_id, webhook_id)
    changes: Item = request.model_dump(include=set(given - {"status"}))
    if "status" in given:
        changes |= enabled() if request.status == "enabled" else disabled("owner")
    return webhook_view(webhooks().change(endpoint, changes) if changes else endpoint)


def remove(caller: Caller, workspace_id: str, webhook_id: str) -> None:
    """Removes an endpoint; its pending deliveries are dropped. Raises NotFound."""
    _require_owner(caller, workspace_id)
    webhooks().remove(workspace_id, webhook_id)


def rotate_secret(caller: Caller, workspace_id: str, webhook_id: str) -> SecretView:
    """Gives an endpoint a new secret; the old one signs too for a day. Raises NotFound, and
    Conflict `too_many_secrets` if `MAX_SECRETS` are valid.
    """
    _require_owner(caller, workspace_id)
    endpoint, now = webhooks().get(workspace_id, webhook_id), now_seconds()
    valid = endpoint.secrets_at(now)
    if len(valid) >= MAX_SECRETS:
        message = f"At most {MAX_SECRETS} secrets of a webhook are valid at once"
        raise Conflict(message, code="too_many_secrets")
    until = now + SECRET_SECONDS
    secret = Secret(salt=new_salt())
    replaced = [one.model_copy(update={"valid_until": one.valid_until or until}) for one in valid]
    webhooks().replace_secrets(endpoint, [one.model_dump() for one in (secret, *replaced)])
    return SecretView(secret=text_of(endpoint.id, secret), previous_secret_expires_at=iso_at(until))


def test(caller: Caller, workspace_id: str, webhook_id: str) -> DeliveryView:
    """Queues a `webhook.test` to an endpoint, to be sent once. Raises NotFound, Conflict
    `webhook_disabled`, and RateLimited right after another test.
    """
    _require_owner(caller, workspace_id)
    endpoint = webhooks().get(workspace_id, webhook_id)
    if endpoint.status == "disabled":
        raise Conflict("The webhook is disabled; enable it first", code="webhook_disabled")
    webhooks().begin_test(endpoint)
    event_id = new_id("evt")
    event = event_of(event_id, TEST, event_id, now_iso(), TestData(webhook_id=endpoint.id))
    webhooks().keep_body(event)
    delivery = webhooks().record(event, endpoint)
    queue.put(workspace_id, delivery)
    return delivery_view(delivery)


def list_deliveries(
    caller: Caller, workspace_id: str, webhook_id: str, limit: int, cursor: str | None
) -> DeliveryPage:
    """Returns a page of an endpoint's deliveries. Raises NotFound, InvalidInput."""
    require_member(caller, workspace_id)
    webhooks().get(workspace_id, webhook_id)
    key = f"{webhook_id}#delivery"
    rows, more = webhooks().deliveries(webhook_id, limit, _after(key, cursor))
    found = [Delivery.model_validate(row) for row in rows]
    place = f"{found[-1].at}#{found[-1].id}" if found else ""
    return DeliveryPage(
        items=[delivery_view(one) for one in found],
        next_cursor=encode_cursor(key, [place]) if more and found else None,
    )


def _check_url(url: str) -> None:
    from showreel.webhooks.client import check_url  # most requests name no URL

    with about_field("url"):
        check_url(url)


def _after(list_key: str, cursor: str | None) -> str | None:
    place = decode_cursor(list_key, cursor, 1)
    if place and not PLACE.match(place[0]):
        message = "cursor is not one of this list's"
        raise InvalidInput(message, code="invalid_cursor", field="cursor")
    return place[0] if place else None


def _require_owner(caller: Caller, workspace_id: str) -> None:
    if require_member(caller, workspace_id).role != "owner":
        raise Forbidden("Only an owner may change a workspace's webhooks")
