"""Endpoints' secrets: derived from the stack's key and a salt, stored nowhere (decision 0083).

Reading only the table, or only the key, isn't enough to sign anything.
"""

import base64
import hashlib
import hmac
import secrets as random_secrets

from showreel.core.secrets import secret
from showreel.core.settings import WebhookSecret, settings
from showreel.core.standard_webhooks import sign
from showreel.webhooks.models import Endpoint, Secret

SALT_BYTES = 24


def new_salt() -> str:
    """Returns a random salt for a new secret."""
    return random_secrets.token_hex(SALT_BYTES)


def text_of(endpoint_id: str, made_from: Secret) -> str:
    """Returns the secret of a salt as its owner uses it: `whsec_` and 32 bytes in base64."""
    key = str(secret(settings(WebhookSecret).webhook_secret_arn)["webhook_key"]).encode()
    digest = hmac.new(key, f"{endpoint_id}.{made_from.salt}".encode(), hashlib.sha256).digest()
    return f"whsec_{base64.b64encode(digest).decode()}"


def signed_headers(
    endpoint: Endpoint, event_id: str, body: bytes, now_seconds: int
) -> dict[str, str]:
    """Returns the headers of https://www.standardwebhooks.com, signed with every valid secret."""
    texts = (text_of(endpoint.id, one) for one in endpoint.secrets_at(now_seconds))
    signatures = (sign(event_id, str(now_seconds), body, text).decode() for text in texts)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(now_seconds),
        "webhook-signature": " ".join(signatures),
    }
