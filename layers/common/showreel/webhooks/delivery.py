"""Attempts to deliver an event, and what follows from the answer.

At least once: if a process dies between the answer and the write of it, the queue hands the message
out again after its visibility time-out, and the receiver sees the same `webhook-id` twice.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from showreel.core.clock import now_seconds
from showreel.core.errors import Transient
from showreel.core.models import FrozenModel
from showreel.core.observability import about, count, logger
from showreel.webhooks import queue
from showreel.webhooks.client import SendResult, send
from showreel.webhooks.models import TEST, Delivery, DeliveryMessage, Endpoint
from showreel.webhooks.retries import TRY_SECONDS, pause_seconds, rest_seconds, wait_seconds
from showreel.webhooks.secrets import signed_headers
from showreel.webhooks.store import webhooks


class QueueRecord(FrozenModel):
    """A message of the queue as Lambda passes it."""

    message_id: str = Field(alias="messageId")
    receipt_handle: str = Field(alias="receiptHandle")
    body: str


class QueueEvent(FrozenModel):
    """Lambda's event with messages of a queue."""

    records: Sequence[QueueRecord] = Field(alias="Records")


def deliver_all(event: QueueEvent) -> dict[str, Any]:
    """Makes an attempt for each message; returns those that stay in the queue. Stops after the
    first one that stays, since the following ones may be of its group.
    """
    for place, record in enumerate(event.records):
        wait = _attempted(DeliveryMessage.model_validate_json(record.body))
        if wait:
            _hide(record, wait)
            left = event.records[place:]
            return {"batchItemFailures": [{"itemIdentifier": one.message_id} for one in left]}
    return {"batchItemFailures": []}


def _hide(record: QueueRecord, seconds: int) -> None:
    try:
        queue.hide(record.receipt_handle, seconds)
    except Transient:  # it comes back after the queue's own time-out
        logger().warning("a message keeps its time-out", message_id=record.message_id)


def _attempted(message: DeliveryMessage) -> int:
    """Makes one attempt; returns the seconds until the next one, 0 if there is none."""
    about(workspace_id=message.workspace_id, webhook_id=message.endpoint_id)
    on, now = webhooks(), now_seconds()
    endpoint = on.find(message.workspace_id, message.endpoint_id)
    if endpoint and endpoint.is_paused(now) and message.type != TEST:
        return rest_seconds(endpoint.resume_at - now)
    delivery = on.delivery(message)
    if delivery is None or delivery.status != "pending":
        return 0
    body = on.body(message.event_id)
    if endpoint is None or endpoint.status == "disabled" or body is None:
        on.drop(delivery, "webhook_removed" if endpoint is None else "webhook_disabled")
        return 0
    answer = _sent(endpoint, delivery.id, body.encode())
    if answer.is_success:
        on.note_attempt(delivery, "delivered", (answer.status, None))
        on.note_success(endpoint)
        count("WebhookDelivered")
        return 0
    return _failed(endpoint, delivery, answer)


def _sent(endpoint: Endpoint, event_id: str, body: bytes) -> SendResult:
    return send(endpoint.url, body, signed_headers(endpoint, event_id, body, now_seconds()))


def _failed(endpoint: Endpoint, delivery: Delivery, answer: SendResult) -> int:
    """Writes a failed attempt; returns the seconds until the next one, 0 if there is none."""
    on, outcome = webhooks(), (answer.status, answer.error)
    count("WebhookAttemptFailed")
    if answer.is_gone:
        on.disable(endpoint, "gone")
    if answer.is_gone or delivery.type == TEST:
        on.note_attempt(delivery, "failed", outcome)
        return 0
    now = now_seconds()
    begun_at = delivery.first_attempt_at or now
    failures = endpoint.failures + 1
    current = on.note_failure(endpoint, pause_seconds(failures, answer.asked_seconds))
    left_seconds = begun_at + TRY_SECONDS - now
    if left_seconds > 0:
        wait = wait_seconds(delivery.attempts + 1, answer.asked_seconds, left_seconds)
        on.note_attempt(delivery, "pending", outcome, wait)
        return wait
    on.note_attempt(delivery, "failed", outcome)
    count("WebhookGivenUp")
    if current is not None and (current.failing_since or now) <= begun_at:
        on.disable(current, "failing")
    return 0
