"""Signatures of our own over what leaves and comes back: tokens of runs, vendors' callback URLs.

HMAC-SHA256 with one key, apart by purpose. While the key rotates the secret also holds the last
one, which verifies and signs nothing.
"""

import base64
import hashlib
import hmac

from showreel.core.secrets import secret
from showreel.core.settings import RunTokens, settings


def sign(purpose: str, text: str) -> str:
    """Returns the signature of a text for one purpose, fit for a URL."""
    return _signature(_keys()[0], purpose, text)


def is_signed(purpose: str, text: str, signature: str) -> bool:
    """Returns whether the signature was made here, for this purpose, by the key or the last one."""
    given = signature.encode("utf-8", "replace")
    return any(hmac.compare_digest(one.encode(), given) for one in signatures(purpose, text))


def signatures(purpose: str, text: str) -> list[str]:
    """Returns every signature that counts now: the key's, and the last one's while it rotates."""
    return [_signature(key, purpose, text) for key in _keys()]


def _keys() -> list[str]:
    held = secret(settings(RunTokens).run_token_secret_arn)
    last = held.get("previous_run_token_key")
    return [str(held["run_token_key"]), *([str(last)] if last else [])]


def _signature(key: str, purpose: str, text: str) -> str:
    digest = hmac.new(key.encode(), f"{purpose}:{text}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
