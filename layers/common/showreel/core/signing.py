"""Signs what we hand out and get back: tokens of runs, vendors' callback URLs.

HMAC-SHA256 with one key over purpose and text. While the key rotates, the secret also holds the
previous one, which only verifies.
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
    """Returns whether the signature is ours, for this text and purpose, by the key or the last."""
    given = signature.encode("utf-8", "replace")
    return any(hmac.compare_digest(one.encode(), given) for one in signatures(purpose, text))


def signatures(purpose: str, text: str) -> list[str]:
    """Returns every valid signature: the key's and, while it rotates, the previous key's."""
    return [_signature(key, purpose, text) for key in _keys()]


def _keys() -> list[str]:
    held = secret(settings(RunTokens).run_token_secret_arn)
    last = held.get("previous_run_token_key")
    return [str(held["run_token_key"]), *([str(last)] if last else [])]


def _signature(key: str, purpose: str, text: str) -> str:
    digest = hmac.new(key.encode(), f"{purpose}:{text}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
