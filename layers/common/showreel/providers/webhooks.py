"""The common part of vendors' webhooks. Each is only a hint to poll."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from showreel.core.clock import now_seconds
from showreel.core.errors import InvalidInput
from showreel.core.standard_webhooks import verify

MAX_TASK_ID_CHARS = 128


@dataclass(frozen=True)
class Notice:
    """What a webhook says: whether an attempt of ours has ended."""

    external_id: str | None
    is_final: bool
    task_id: str | None = None
    """The vendor's own id of the job."""


@dataclass(frozen=True)
class Webhook:
    """A notice, and the webhook's id, so that it counts once however often it is sent."""

    webhook_id: str
    notice: Notice


def read_standard(
    headers: Mapping[str, str],
    body: bytes,
    secret: str,
    read_notice: Callable[[dict[str, Any]], Notice],
) -> Webhook:
    """Verifies and parses a webhook in the Standard Webhooks form. Raises Unauthenticated,
    InvalidInput.

    Without a secret nothing is verified, and the vendor's task id is left out.
    """
    if not secret:
        unsigned = replace(read_notice(body_object(body)), task_id=None)
        return Webhook(f"unsigned-{hashlib.sha256(body).hexdigest()}", unsigned)
    webhook_id = verify(headers, body, secret, now_seconds=now_seconds())
    return Webhook(webhook_id, read_notice(body_object(body)))


def body_object(body: bytes) -> dict[str, Any]:
    """Parses the body's JSON object. Raises InvalidInput `invalid_json`."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The body is not valid JSON", code="invalid_json") from error
    if not isinstance(data, dict):
        raise InvalidInput("The body is not an object", code="invalid_json")
    return data


def raw_body(body: str | None, *, is_base64: bool) -> bytes:
    """Returns the exact bytes of a request's body. Raises InvalidInput."""
    try:
        return base64.b64decode(body or "", validate=True) if is_base64 else (body or "").encode()
    except ValueError as error:
        raise InvalidInput("The body is not valid", code="invalid_body") from error


def is_one_of(status: object, words: frozenset[str]) -> bool:
    """Returns whether the status is one of the words."""
    return isinstance(status, str) and status in words


def usable_task_id(value: object) -> str | None:
    """Returns the value if it can be a task's id, else None."""
    return value if isinstance(value, str) and 0 < len(value) <= MAX_TASK_ID_CHARS else None
