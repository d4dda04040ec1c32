"""Webhooks of both of Kling's API standards."""

from collections.abc import Mapping
from typing import Any

from showreel.providers.webhooks import (
    Notice,
    Webhook,
    is_one_of,
    read_standard,
    usable_task_id,
)

FINAL = frozenset({"succeed", "succeeded", "failed"})


def read_webhook(headers: Mapping[str, str], body: bytes, secret: str) -> Webhook:
    """Verifies and parses a webhook. Raises Unauthenticated or InvalidInput."""
    return read_standard(headers, body, secret, read_notice)


def read_notice(data: dict[str, Any]) -> Notice:
    """Parses `task_status` and `task_info`, or `status` and `external_id`."""
    info = data.get("task_info")
    external_id = info.get("external_task_id") if isinstance(info, dict) else None
    external_id = external_id or data.get("external_id")
    return Notice(
        external_id=external_id if isinstance(external_id, str) else None,
        is_final=is_one_of(data.get("task_status") or data.get("status"), FINAL),
        task_id=usable_task_id(data.get("task_id") or data.get("id")),
    )
