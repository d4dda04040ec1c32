"""fal's webhooks: signed with Ed25519, by keys that the vendor publishes.

Signed is `request id\\nuser id\\ntimestamp\\nsha256 of the body in hex`, from the headers
`x-fal-webhook-request-id`, `-user-id` and `-timestamp`; `-signature` is in hex. No header names
the key. All customers' webhooks are signed by the same keys: whoever has an account there can make
the vendor sign one about a request of their own. The signed user id distinguishes them if ours is
in the secret; besides, only who was given a callback URL can call it.
"""

import base64
import binascii
import contextlib
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from showreel.core.clock import now_seconds
from showreel.core.jwks import PublishedKeys
from showreel.core.settings import Providers, settings
from showreel.core.standard_webhooks import MAX_ID_CHARS, is_recent, refused
from showreel.providers.webhooks import (
    Notice,
    Webhook,
    body_object,
    is_one_of,
    usable_task_id,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FINAL = frozenset({"OK", "ERROR"})
MAX_AGE_SECONDS = 86_400.0
"""The vendor asks that keys be kept no longer than a day."""
MAX_KEYS = 20
KEY_BYTES = 32
SIGNATURE_BYTES = 64


@functools.cache
def published_keys(url: str) -> "PublishedKeys[list[Ed25519PublicKey]]":
    """Returns this process's keys of that URL."""
    return PublishedKeys(url, public_keys, MAX_AGE_SECONDS, outlive_age=False)


def read_webhook(headers: Mapping[str, str], body: bytes, user_id: str) -> Webhook:
    """Verifies and parses a webhook, whose task id is the signed request id.

    With our `user_id` other customers' are refused. Raises Unauthenticated or InvalidInput, and
    Transient if the vendor's keys can't be read.
    """
    keys_url = settings(Providers).fal_keys_url
    request_id = verify(headers, body, now_seconds=now_seconds(), jwks_url=keys_url)
    if user_id and headers["x-fal-webhook-user-id"] != user_id:
        raise refused()
    return Webhook(request_id, replace(read_notice(body_object(body)), task_id=request_id))


def read_notice(data: dict[str, Any]) -> Notice:
    """Parses status and request id; there is no id of ours."""
    return Notice(
        external_id=None,
        is_final=is_one_of(data.get("status"), FINAL),
        task_id=usable_task_id(data.get("request_id")),
    )


def verify(headers: Mapping[str, str], body: bytes, *, now_seconds: int, jwks_url: str) -> str:
    """Checks signature and time; returns the signed request id.

    Raises Unauthenticated, or Transient if the keys can't be read.
    """
    names = ("request-id", "user-id", "timestamp")
    signed = [headers.get(f"x-fal-webhook-{name}", "") for name in names]
    _check(signed, now_seconds)
    digest = hashlib.sha256(body).hexdigest()
    message = "\n".join([*signed, digest]).encode()
    signature = _signature(headers.get("x-fal-webhook-signature", ""))
    keys = published_keys(jwks_url)
    if not _fits(keys.current(), message, signature) and not _fits(
        keys.newer(), message, signature
    ):
        raise refused()
    return signed[0]


def _check(signed: list[str], now_seconds: int) -> None:
    """Raises Unauthenticated unless the signed values are printable, short and recent."""
    request_id, user, timestamp = signed
    is_plain = all(0 < len(text) <= MAX_ID_CHARS and text.isascii() for text in signed)
    if not is_plain or not (request_id.isprintable() and user.isprintable()):
        raise refused()
    if not is_recent(timestamp, now_seconds):
        raise refused()


def _signature(text: str) -> bytes:
    if len(text) != 2 * SIGNATURE_BYTES:
        raise refused()
    try:
        return binascii.unhexlify(text)
    except ValueError as error:
        raise refused() from error


def _fits(keys: "list[Ed25519PublicKey]", message: bytes, signature: bytes) -> bool:
    """Returns whether one of the keys made the signature."""
    from cryptography.exceptions import InvalidSignature

    for key in keys:
        with contextlib.suppress(InvalidSignature):
            key.verify(signature, message)
            return True
    return False


def public_keys(entries: list[dict[str, Any]]) -> "list[Ed25519PublicKey]":
    """Returns the Ed25519 keys; others are left out."""
    return [key for key in map(_public_key, entries[:MAX_KEYS]) if key is not None]


def _public_key(entry: dict[str, Any]) -> "Ed25519PublicKey | None":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    text = entry.get("x") if entry.get("crv", "Ed25519") == "Ed25519" else None
    if not isinstance(text, str) or len(text) > 2 * KEY_BYTES:
        return None
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return Ed25519PublicKey.from_public_bytes(data)
    except ValueError:
        return None
