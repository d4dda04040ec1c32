"""Webhooks in: one verifier of the Standard Webhooks form, and what each vendor's body says.

A webhook is only a hint to poll. The form: `webhook-id`, `webhook-timestamp` in seconds and
`webhook-signature` of `v1,<base64>` parts separated by spaces (several while a secret rotates),
each the HMAC-SHA256 of `id.timestamp.body`.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from showreel.core.errors import InvalidInput, NotFound, Unauthenticated

TOLERANCE_SECONDS = 300
MAX_SIGNATURES = 10
MAX_ID_CHARS = 200
MAX_TASK_ID_CHARS = 128
KLING_FINAL = frozenset({"succeed", "succeeded", "failed"})
REPLICATE_FINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})
FAL_FINAL = frozenset({"OK", "ERROR"})


@dataclass(frozen=True)
class Notice:
    """What a vendor says: this attempt of ours is over, or not yet."""

    external_id: str | None
    is_final: bool
    task_id: str | None = None
    """The vendor's own id of the job."""


def verify(headers: Mapping[str, str], body: bytes, secret: str, *, now_seconds: int) -> str:
    """The id of a webhook whose signature and time are right. Raises Unauthenticated."""
    webhook_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not (0 < len(webhook_id) <= MAX_ID_CHARS and timestamp.isascii() and timestamp.isdigit()):
        raise _refused()
    if len(timestamp) > 12 or abs(now_seconds - int(timestamp)) > TOLERANCE_SECONDS:
        raise _refused()
    expected = sign(webhook_id, timestamp, body, secret)
    given = headers.get("webhook-signature", "").encode("utf-8", "replace").split()
    if not any(hmac.compare_digest(expected, one) for one in given[:MAX_SIGNATURES]):
        raise _refused()
    return webhook_id


def sign(webhook_id: str, timestamp: str, body: bytes, secret: str) -> bytes:
    """`v1,<base64>` for one secret, which may be written `whsec_<base64>`."""
    key = _key(secret)
    message = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, message, hashlib.sha256).digest()
    return b"v1," + base64.b64encode(digest)


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused() from error


def _refused() -> Unauthenticated:
    return Unauthenticated("The webhook's signature is not valid")


def raw_body(body: str | None, *, is_base64: bool) -> bytes:
    """The very bytes of a request's body. Raises InvalidInput."""
    try:
        return base64.b64decode(body or "", validate=True) if is_base64 else (body or "").encode()
    except ValueError as error:
        raise InvalidInput("The body is not valid", code="invalid_body") from error


def check_provider(provider: str) -> None:
    """Raises NotFound for a vendor that sends us no webhooks."""
    if provider not in _READERS:
        raise NotFound("No such provider")


def read_notice(provider: str, body: bytes) -> Notice:
    """What the body says. Raises NotFound (an unknown vendor) and InvalidInput."""
    check_provider(provider)
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The body is not valid JSON", code="invalid_json") from error
    if not isinstance(data, dict):
        raise InvalidInput("The body is not an object", code="invalid_json")
    return _READERS[provider](data)


def _kling_notice(data: dict[str, object]) -> Notice:
    """Both of the vendor's forms: `task_status` and `task_info`, or `status` and `external_id`."""
    info = data.get("task_info")
    external_id = info.get("external_task_id") if isinstance(info, dict) else None
    external_id = external_id or data.get("external_id")
    return Notice(
        external_id=external_id if isinstance(external_id, str) else None,
        is_final=_is_one_of(data.get("task_status") or data.get("status"), KLING_FINAL),
        task_id=_task_id(data.get("task_id") or data.get("id")),
    )


def _replicate_notice(data: dict[str, object]) -> Notice:
    """The prediction, as a poll reads it. It knows no id of ours."""
    return Notice(
        external_id=None,
        is_final=_is_one_of(data.get("status"), REPLICATE_FINAL),
        task_id=_task_id(data.get("id")),
    )


def _fal_notice(data: dict[str, object]) -> Notice:
    """The result, and under which id. It is sent only at the end, and knows no id of ours."""
    return Notice(
        external_id=None,
        is_final=_is_one_of(data.get("status"), FAL_FINAL),
        task_id=_task_id(data.get("request_id")),
    )


def _is_one_of(status: object, words: frozenset[str]) -> bool:
    return isinstance(status, str) and status in words


def _task_id(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= MAX_TASK_ID_CHARS else None


_READERS: dict[str, Callable[[dict[str, object]], Notice]] = {
    "kling": _kling_notice,
    "kling-tasks": _kling_notice,
    "replicate": _replicate_notice,
    "fal": _fal_notice,
}
