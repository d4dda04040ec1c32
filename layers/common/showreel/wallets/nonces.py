"""Nonces of sign-in messages: unpredictable, signed by us, valid for ten minutes.

    8 hexadecimal digits     when it expires, in seconds since 1970
    16 hexadecimal digits    random
    22 letters and digits    signature of both

Nothing is written when a nonce is issued, so that floods of requests cost no writes. A nonce is
written when a message with it is accepted, once (`store`).
"""

import hmac
import re
import secrets

from showreel.core.clock import now_seconds
from showreel.core.errors import Unauthenticated
from showreel.core.signing import sign, signatures

LIFETIME_SECONDS = 600
PURPOSE = "wallet-nonce"
LETTERS = str.maketrans("-_", "AB")
NONCE = re.compile(r"([0-9a-f]{24})([A-Za-z0-9]{22})")


def new_nonce() -> tuple[str, int]:
    """Returns a nonce and its expiry in seconds since 1970."""
    expires_at = now_seconds() + LIFETIME_SECONDS
    text = f"{expires_at:08x}{secrets.token_hex(8)}"
    return text + _alphanumeric(sign(PURPOSE, text)), expires_at


def check(nonce: str) -> int:
    """Returns the nonce's expiry. Raises Unauthenticated for one that isn't ours, or expired."""
    found = NONCE.fullmatch(nonce)
    if found is None or not _is_ours(*found.groups()):
        raise Unauthenticated("The nonce is not from here; ask for one", code="nonce_unknown")
    expires_at = int(found[1][:8], 16)
    if expires_at <= now_seconds():
        raise Unauthenticated("The nonce has expired; ask for another", code="nonce_expired")
    return expires_at


def _is_ours(text: str, signature: str) -> bool:
    given = signature.encode()
    genuine = (_alphanumeric(one).encode() for one in signatures(PURPOSE, text))
    return any(hmac.compare_digest(one, given) for one in genuine)


def _alphanumeric(signature: str) -> str:
    """Returns the first 22 characters of a signature, in the characters that EIP-4361 allows."""
    return signature.translate(LETTERS)[:22]
