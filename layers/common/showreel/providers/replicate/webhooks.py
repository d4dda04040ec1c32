"""Replicate's webhooks: the prediction, as a poll reads it, without an id of ours."""

from collections.abc import Mapping
from typing import Any

from showreel.providers.webhooks import (
    Notice,
    Webhook,
    is_one_of,
    read_standard,
    usable_task_id,
)

FINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})


def read_webhook(headers: Mapping[str, str], body: bytes, secret: str) -> Webhook:
    """Verifies and parses a webhook. Raises Unauthenticated or InvalidInput."""
    return read_standard(headers, body, secret, read_notice)


def read_notice(data: dict[str, Any]) -> Notice:
    """Parses the prediction's status and id."""
    return Notice(
        external_id=None,
        is_final=is_one_of(data.get("status"), FINAL),
        task_id=usable_task_id(data.get("id")),
    )
