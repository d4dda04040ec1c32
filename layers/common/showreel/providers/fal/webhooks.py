"""fal's webhooks: signed with Ed25519, by keys that the vendor publishes.

Signed is `request id\\nuser id\\ntimestamp\\nsha256 of the body in hex`, from the headers
`x-fal-webhook-request-id`, `-user-id` and `-timestamp`; `-signature` is in hex. No header says
which key it was. All customers' webhooks are signed by the same keys: whoever has an account there
can make the vendor sign one about a request of their own, so what it says is only a hint to look,
and the user id may be compared.
"""

import base64
import binascii
import functools
import hashlib
import hmac
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from showreel.core.errors import ProviderError, Transient, Unauthenticated
from showreel.providers.http import call
from showreel.providers.webhooks import MAX_ID_CHARS, TOLERANCE_SECONDS

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

JWKS_URL = "https://rest.fal.ai/.well-known/jwks.json"
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
        """Whether one of the keys made the signature. Raises Transient without any key."""
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
        """The keys after a new look, if there may be one now; else none."""
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
    """The process's keys of that URL."""
    return FalKeys(url)


def verify_fal(
    headers: Mapping[str, str],
    body: bytes,
    *,
    now_seconds: int,
    jwks_url: str = JWKS_URL,
    user_id: str = "",
) -> str:
    """The request id of a webhook whose signature and time are right; header names are small.

    With `user_id`, another customer's webhook is refused. Raises Unauthenticated, or Transient if
    the keys can't be read.
    """
    names = ("request-id", "user-id", "timestamp")
    signed = [headers.get(f"x-fal-webhook-{name}", "") for name in names]
    _check(signed, now_seconds, user_id)
    digest = hashlib.sha256(body).hexdigest()
    message = "\n".join([*signed, digest]).encode()
    signature = _signature(headers.get("x-fal-webhook-signature", ""))
    if not fal_keys(jwks_url).accept(message, signature):
        raise _refused()
    return signed[0]


def _check(signed: list[str], now_seconds: int, user_id: str) -> None:
    """Printable and short, recent, and of the customer that is wanted."""
    request_id, user, timestamp = signed
    is_plain = all(0 < len(text) <= MAX_ID_CHARS and text.isascii() for text in signed)
    if not is_plain or not (request_id.isprintable() and user.isprintable()):
        raise _refused()
    if not timestamp.isdigit() or len(timestamp) > 12:
        raise _refused()
    if abs(now_seconds - int(timestamp)) > TOLERANCE_SECONDS:
        raise _refused()
    if user_id and not hmac.compare_digest(user.encode(), user_id.encode()):
        raise _refused()


def _signature(text: str) -> bytes:
    if len(text) != 2 * SIGNATURE_BYTES:
        raise _refused()
    try:
        return binascii.unhexlify(text)
    except ValueError as error:
        raise _refused() from error


def _fits(key: "Ed25519PublicKey", message: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _fetch(url: str) -> "list[Ed25519PublicKey]":
    """The usable keys at `url`; none if it can't be read."""
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
    """The key of an OKP entry; those of other kinds are passed over."""
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


def _refused() -> Unauthenticated:
    return Unauthenticated("The webhook's signature is not valid")
