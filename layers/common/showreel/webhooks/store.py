"""The webhooks table. Its keys are described in `models`."""

import contextlib
from collections.abc import Iterable
from typing import Any

from showreel.core.clock import iso_at, now_iso, now_seconds
from showreel.core.dynamo import Item, Table, transact
from showreel.core.errors import ConditionFailed, Conflict, NotFound, RateLimited
from showreel.core.settings import WebhooksTable, settings
from showreel.webhooks.models import (
    KEEP_SECONDS,
    MAX_ENDPOINTS,
    Delivery,
    DeliveryMessage,
    DeliveryStatus,
    DisabledReason,
    Endpoint,
    WebhookEvent,
)

EXISTS = "attribute_exists(pk)"
PENDING = "#status = :pending OR #status = :status"
"""A delivery may be updated while pending, and again by the same update after a lost reply."""
TEST_SECONDS = 5
"""Least time between two test calls of an endpoint."""
ENDPOINT, DELIVERY, COUNT = "endpoint#", "delivery#", "count"
MISSING = "Webhook not found"
RowPage = tuple[list[Item], bool]
"""Rows, and whether there are more."""


class Webhooks:
    """The rows of endpoints, deliveries and bodies."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, endpoint: Endpoint) -> Endpoint:
        """Adds an endpoint, or returns the one that has its id already. Raises Conflict
        `webhook_limit` if there are too many.
        """
        pk = _workspace(endpoint.workspace_id)
        row = {**endpoint.model_dump(), "pk": pk, "sk": f"{ENDPOINT}{endpoint.id}"}
        count = self._table.update_write(
            pk,
            COUNT,
            "ADD endpoints :one",
            "attribute_not_exists(endpoints) OR endpoints < :most",
            values={":one": 1, ":most": MAX_ENDPOINTS},
        )
        try:
            transact([count, self._table.put_write(row, "attribute_not_exists(pk)")])
        except ConditionFailed as error:
            present = self.find(endpoint.workspace_id, endpoint.id)
            if present is not None:
                return present
            limit = f"A workspace has at most {MAX_ENDPOINTS} webhooks"
            raise Conflict(limit, code="webhook_limit") from error
        return endpoint

    def remove(self, workspace_id: str, endpoint_id: str) -> None:
        """Removes an endpoint. Raises NotFound."""
        pk = _workspace(workspace_id)
        count = self._table.update_write(pk, COUNT, "ADD endpoints :one", values={":one": -1})
        try:
            transact([self._table.delete_write(pk, f"{ENDPOINT}{endpoint_id}", EXISTS), count])
        except ConditionFailed as error:
            raise NotFound(MISSING) from error

    def find(self, workspace_id: str, endpoint_id: str) -> Endpoint | None:
        """Returns an endpoint, or None."""
        row = self._table.get(_workspace(workspace_id), f"{ENDPOINT}{endpoint_id}")
        return Endpoint.model_validate(row) if row else None

    def get(self, workspace_id: str, endpoint_id: str) -> Endpoint:
        """Returns an endpoint. Raises NotFound."""
        endpoint = self.find(workspace_id, endpoint_id)
        if endpoint is None:
            raise NotFound(MISSING)
        return endpoint

    def all(self, workspace_id: str) -> list[Endpoint]:
        """Returns all endpoints of a workspace, at most `MAX_ENDPOINTS`."""
        rows, _ = self.endpoints(workspace_id, MAX_ENDPOINTS, None)
        return [Endpoint.model_validate(row) for row in rows]

    def endpoints(self, workspace_id: str, limit: int, after: str | None) -> RowPage:
        """Returns a page of a workspace's endpoints, by id."""
        return self._page(_workspace(workspace_id), ENDPOINT, limit, after)

    def deliveries(self, endpoint_id: str, limit: int, after: str | None) -> RowPage:
        """Returns a page of an endpoint's deliveries, newest first."""
        return self._page(_endpoint(endpoint_id), DELIVERY, limit, after, backwards=True)

    def change(self, endpoint: Endpoint, changes: Item) -> Endpoint:
        """Changes an endpoint. Raises NotFound once it is removed."""
        return self._changed(endpoint, changes | {"updated_at": now_iso()})

    def replace_secrets(self, endpoint: Endpoint, secrets: Iterable[Item]) -> Endpoint:
        """Replaces an endpoint's secrets. Raises Conflict if they changed meanwhile."""
        before = [one.model_dump() for one in endpoint.secrets]
        changes = {"secrets": list(secrets), "updated_at": now_iso()}
        write = self._table.set_write(
            _workspace(endpoint.workspace_id),
            f"{ENDPOINT}{endpoint.id}",
            changes,
            condition="secrets = :before OR secrets = :after",
            values={":before": before, ":after": changes["secrets"]},
        )
        try:
            return Endpoint.model_validate(self._table.apply(write))
        except ConditionFailed as error:
            raise Conflict("The secret is being rotated by somebody else") from error

    def begin_test(self, endpoint: Endpoint) -> None:
        """Writes the time of a test call. Raises RateLimited right after another one."""
        now = now_seconds()
        write = self._table.set_write(
            _workspace(endpoint.workspace_id),
            f"{ENDPOINT}{endpoint.id}",
            {"tested_at": now},
            condition="tested_at <= :before",
            values={":before": now - TEST_SECONDS},
        )
        try:
            self._table.apply(write)
        except ConditionFailed as error:
            limit = f"A webhook is tested once in {TEST_SECONDS} seconds"
            raise RateLimited(limit, retry_after_seconds=TEST_SECONDS) from error

    def note_failure(self, endpoint: Endpoint, pause_seconds: int) -> Endpoint | None:
        """Counts a failed attempt, and pauses the endpoint if asked; None if it was removed."""
        now = now_seconds()
        changes = {"resume_at": now + pause_seconds} if pause_seconds else {}
        try:
            return self._changed(
                endpoint, changes, add={"failures": 1}, once={"failing_since": now}
            )
        except NotFound:
            return None

    def note_success(self, endpoint: Endpoint) -> None:
        """Resets the failures; writes only if there were any."""
        if endpoint.failures:
            forgotten = {"failures": 0, "failing_since": None, "resume_at": 0}
            self._change_if_there(endpoint, forgotten)

    def disable(self, endpoint: Endpoint, reason: DisabledReason) -> None:
        """Disables an endpoint until an owner enables it."""
        self._change_if_there(endpoint, disabled(reason))

    def record(self, event: WebhookEvent, endpoint: Endpoint) -> Delivery:
        """Writes a new delivery, unless it exists; returns it."""
        delivery = Delivery.of(event, endpoint)
        expiry = {"expires_at": now_seconds() + KEEP_SECONDS}
        row = delivery.model_dump() | _delivery_key(endpoint.id, event.at, event.id) | expiry
        with contextlib.suppress(ConditionFailed):
            self._table.put(row, condition="attribute_not_exists(pk)")
        return delivery

    def keep_body(self, event: WebhookEvent) -> None:
        """Writes an event's body once, so that every attempt sends the same."""
        expiry = {"expires_at": now_seconds() + KEEP_SECONDS}
        row = {"pk": f"event#{event.id}", "sk": "event", "body": event.body} | expiry
        try:
            self._table.put(row, condition="attribute_not_exists(pk)")
        except ConditionFailed:
            return

    def body(self, event_id: str) -> str | None:
        """Returns an event's body, or None once it has expired."""
        row = self._table.get(f"event#{event_id}", "event")
        return str(row["body"]) if row else None

    def delivery(self, message: DeliveryMessage) -> Delivery | None:
        """Returns a delivery, or None once it has expired."""
        key = _delivery_key(message.endpoint_id, message.at, message.event_id)
        row = self._table.get(key["pk"], key["sk"])
        return Delivery.model_validate(row) if row else None

    def note_attempt(
        self,
        delivery: Delivery,
        status: DeliveryStatus,
        answer: tuple[int | None, str | None],
        wait_seconds: int = 0,
    ) -> None:
        """Writes the result of an attempt, and the next one's time. Repeating it counts another."""
        now = now_seconds()
        changes: Item = {
            "status": status,
            "last_attempt_at": now_iso(),
            "response_status": answer[0],
            "error": answer[1],
            "next_attempt_at": iso_at(now + wait_seconds) if status == "pending" else None,
            "finished_at": None if status == "pending" else now_iso(),
        }
        self._finish(delivery, changes, add={"attempts": 1}, once={"first_attempt_at": now})

    def drop(self, delivery: Delivery, error: str) -> None:
        """Writes that a delivery will not be sent, and why."""
        ended = {"status": "dropped", "error": error, "finished_at": now_iso()}
        self._finish(delivery, ended | {"next_attempt_at": None})

    def _finish(self, delivery: Delivery, changes: Item, **more: Any) -> None:
        key = _delivery_key(delivery.endpoint_id, delivery.at, delivery.id)
        write = self._table.set_write(
            key["pk"],
            key["sk"],
            changes,
            condition=PENDING,
            names={"#status": "status"},
            values={":pending": "pending", ":status": changes["status"]},
            **more,
        )
        try:
            self._table.apply(write)
        except ConditionFailed:  # it has ended otherwise, or has expired
            return

    def _change_if_there(self, endpoint: Endpoint, changes: Item) -> None:
        try:
            self._changed(endpoint, changes)
        except NotFound:
            return

    def _changed(self, endpoint: Endpoint, changes: Item, **more: Any) -> Endpoint:
        write = self._table.set_write(
            _workspace(endpoint.workspace_id),
            f"{ENDPOINT}{endpoint.id}",
            changes,
            condition=EXISTS,
            **more,
        )
        try:
            return Endpoint.model_validate(self._table.apply(write))
        except ConditionFailed as error:
            raise NotFound(MISSING) from error

    def _page(
        self, pk: str, prefix: str, limit: int, after: str | None, *, backwards: bool = False
    ) -> RowPage:
        rows, rest = self._table.query(
            "pk = :pk AND begins_with(sk, :prefix)",
            values={":pk": pk, ":prefix": prefix},
            limit=limit + 1,
            start={"pk": pk, "sk": f"{prefix}{after}"} if after else None,
            backwards=backwards,
        )
        return rows[:limit], len(rows) > limit or rest is not None


def disabled(reason: DisabledReason) -> Item:
    """Returns the attributes that disable an endpoint."""
    return {"status": "disabled", "disabled_reason": reason, "disabled_at": now_iso()}


def enabled() -> Item:
    """Returns the attributes that enable an endpoint and reset its failures."""
    left = {"disabled_reason": None, "disabled_at": None, "failing_since": None}
    return {"status": "enabled", "failures": 0, "resume_at": 0, **left}


def webhooks() -> Webhooks:
    """Returns the webhooks table."""
    return Webhooks(Table(settings(WebhooksTable).webhooks_table))


def _workspace(workspace_id: str) -> str:
    return f"workspace#{workspace_id}"


def _endpoint(endpoint_id: str) -> str:
    return f"endpoint#{endpoint_id}"


def _delivery_key(endpoint_id: str, at: str, event_id: str) -> dict[str, str]:
    return {"pk": _endpoint(endpoint_id), "sk": f"{DELIVERY}{at}#{event_id}"}
