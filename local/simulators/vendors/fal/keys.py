"""fal's signatures of webhooks: Ed25519, with a key made at start and published as a JWKS."""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

USER_ID = "user-of-the-simulator"


class FalSigner:
    """Signs `request id, user id, time, hash of the body`, each on a line."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    def headers(self, task_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        """Returns the four headers of a signed message."""
        parts = [task_id, USER_ID, str(timestamp), hashlib.sha256(body).hexdigest()]
        return {
            "X-Fal-Webhook-Request-Id": task_id,
            "X-Fal-Webhook-User-Id": USER_ID,
            "X-Fal-Webhook-Timestamp": str(timestamp),
            "X-Fal-Webhook-Signature": self._key.sign("\n".join(parts).encode()).hex(),
        }

    def stranger(self) -> "FalSigner":
        """Returns one with another key, which is published nowhere."""
        return FalSigner()

    def published(self) -> dict[str, object]:
        """Returns the key as a JWKS."""
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "x": x}]}
