"""Standard Webhooks signatures (https://www.standardwebhooks.com), as Kling and Replicate sign."""

import base64
import hashlib
import hmac
from typing import Protocol


class Signer(Protocol):
    """A vendor's own way to sign webhooks, in place of a shared secret."""

    def headers(self, task_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        """Returns the headers of a signed message."""
        ...

    def stranger(self) -> "Signer":
        """Returns one that signs in the same way with another key."""
        ...


def webhook_headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Returns the three headers of a signed message; `secret` is `whsec_` and base64."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature(secret, message_id, timestamp, body)}",
    }


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Base64 of HMAC-SHA256 over `id.timestamp.body`, keyed by the decoded secret."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()
