"""Signs and verifies webhooks in the form of https://www.standardwebhooks.com.

The form: `webhook-id`, `webhook-timestamp` in seconds and `webhook-signature` of `v1,<base64>`
parts separated by spaces (several while a secret rotates), each the HMAC-SHA256 of
`id.timestamp.body`.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from showreel.core.errors import Unauthenticated

TOLERANCE_SECONDS = 300
MAX_SIGNATURES = 10
MAX_ID_CHARS = 200


def verify(headers: Mapping[str, str], body: bytes, secret: str, *, now_seconds: int) -> str:
    """Checks signature and time; returns the webhook's id. Raises Unauthenticated.

    The headers' names are in lower case.
    """
    webhook_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not (0 < len(webhook_id) <= MAX_ID_CHARS and is_recent(timestamp, now_seconds)):
        raise refused()
    expected = sign(webhook_id, timestamp, body, secret)
    given = headers.get("webhook-signature", "").encode("utf-8", "replace").split()
    if not any(hmac.compare_digest(expected, one) for one in given[:MAX_SIGNATURES]):
        raise refused()
    return webhook_id


def is_recent(timestamp: str, now_seconds: int) -> bool:
    """Returns whether a header's seconds since 1970 are within the tolerance of `now_seconds`."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now_seconds - int(timestamp)) <= TOLERANCE_SECONDS


def sign(webhook_id: str, timestamp: str, body: bytes, secret: str) -> bytes:
    """Returns `v1,<base64>`, signed with one secret, which may be written `whsec_<base64>`."""
    message = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), message, hashlib.sha256).digest()
    return b"v1," + base64.b64encode(digest)


def refused() -> Unauthenticated:
    """Returns one error for every reason, so that a forger learns nothing."""
    return Unauthenticated("The webhook's signature is not valid")


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused() from error
