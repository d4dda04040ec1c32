"""fal's webhooks: signed with Ed25519, by keys that the vendor publishes.

Signed is `request id\\nuser id\\ntimestamp\\nsha256 of the body in hex`, from the headers
`x-fal-webhook-request-id`, `-user-id` and `-timestamp`; `-signature` is in hex. No header says
which key it was. All customers' webhooks are signed by the same keys: whoever has an account there
can make the vendor sign one about a request of their own, so what it says is only a hint to look.
"""

import base64
import binascii
import functools
import hashlib
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from showreel.core.clock import now_seconds
from showreel.core.errors import ProviderError, Transient
from showreel.core.settings import Providers, settings
from showreel.core.standard_webhooks import MAX_ID_CHARS, is_recent, refused
from showreel.providers.http import call
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
MIN_INTERVAL_SECONDS = 30.0
"""At most one fetch in this time, whatever webhooks ask for and whether it succeeds."""
MAX_JWKS_BYTES = 64 * 1024
MAX_KEYS = 20
KEY_BYTES = 32
SIGNATURE_BYTES = 64


class FalKeys:
    """The vendor's published keys."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: list[Ed25519PublicKey] = []
        self._fetched = self._tried = float("-inf")
        self._lock = threading.Lock()

    def accept(self, message: bytes, signature: bytes) -> bool:
        """Returns whether one of the keys made the signature. Raises Transient without any key."""
        if any(_fits(key, message, signature) for key in self._fresh()):
            return True
        return any(_fits(key, message, signature) for key in self._newer())

    def _fresh(self) -> "list[Ed25519PublicKey]":
        with self._lock:
            if time.monotonic() - self._fetched > MAX_AGE_SECONDS:
                self._keys = []
                self._refresh()
            if not self._keys:
                raise Transient("the vendor's keys can't be read")
            return self._keys

    def _newer(self) -> "list[Ed25519PublicKey]":
        """Returns the keys after a new look, if there may be one now; else none."""
        with self._lock:
            return self._keys if self._refresh() else []

    def _refresh(self) -> bool:
        now = time.monotonic()
        if now - self._tried < MIN_INTERVAL_SECONDS:
            return False
        self._tried = now
        keys = _fetch(self._url)
        if keys:
            self._keys, self._fetched = keys, now
        return bool(keys)


@functools.cache
def fal_keys(url: str) -> FalKeys:
    """Returns the process's keys of that URL."""
    return FalKeys(url)


def read_webhook(headers: Mapping[str, str], body: bytes, _secret: str) -> Webhook:
    """Verifies and reads one, which is sent only at the end. The signed request id is what counts.

    Raises Unauthenticated or InvalidInput, and Transient if the vendor's keys can't be read.
    """
    keys_url = settings(Providers).fal_keys_url
    request_id = verify(headers, body, now_seconds=now_seconds(), jwks_url=keys_url)
    return Webhook(request_id, replace(read_notice(body_object(body)), task_id=request_id))


def read_notice(data: dict[str, Any]) -> Notice:
    """Reads the result's status and whose it is. It knows no id of ours."""
    return Notice(
        external_id=None,
        is_final=is_one_of(data.get("status"), FINAL),
        task_id=usable_task_id(data.get("request_id")),
    )


def verify(headers: Mapping[str, str], body: bytes, *, now_seconds: int, jwks_url: str) -> str:
    """Returns the request id of a webhook whose signature and time are right.

    Raises Unauthenticated, or Transient if the keys can't be read.
    """
    names = ("request-id", "user-id", "timestamp")
    signed = [headers.get(f"x-fal-webhook-{name}", "") for name in names]
    _check(signed, now_seconds)
    digest = hashlib.sha256(body).hexdigest()
    message = "\n".join([*signed, digest]).encode()
    signature = _signature(headers.get("x-fal-webhook-signature", ""))
    if not fal_keys(jwks_url).accept(message, signature):
        raise refused()
    return signed[0]


def _check(signed: list[str], now_seconds: int) -> None:
    """Refuses what isn't printable, short and recent."""
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


def _fits(key: "Ed25519PublicKey", message: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _fetch(url: str) -> "list[Ed25519PublicKey]":
    """Returns the usable keys at `url`; none if it can't be read."""
    try:
        answer = call(url, "GET", url, headers={}, max_body_bytes=MAX_JWKS_BYTES)
    except ProviderError:
        return []
    entries = (answer.body or {}).get("keys")
    if answer.status != 200 or not isinstance(entries, list):
        return []
    found = [_public_key(entry) for entry in entries[:MAX_KEYS]]
    return [key for key in found if key is not None]


def _public_key(entry: Any) -> "Ed25519PublicKey | None":
    """Returns the key of an OKP entry; those of other kinds are passed over."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not isinstance(entry, dict) or entry.get("crv", "Ed25519") != "Ed25519":
        return None
    text = entry.get("x")
    if not isinstance(text, str) or len(text) > 2 * KEY_BYTES:
        return None
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return Ed25519PublicKey.from_public_bytes(data)
    except ValueError:
        return None
