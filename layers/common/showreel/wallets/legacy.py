"""The older form of messages: any text with a `timestamp` in milliseconds in place of a nonce.

It names no site, so that a text which was signed for another one can be used here: it is taken only
where an operator allows it, for ten minutes, and each text once.
"""

import hashlib
import re

from showreel.core.clock import now_seconds
from showreel.core.errors import InvalidInput, Unauthenticated
from showreel.wallets.messages import LEEWAY_SECONDS, MAX_AGE_SECONDS

TIMESTAMP = re.compile(r"\btimestamp\b[\"']?\s{0,3}[:=]?\s{0,3}[\"']?([0-9]{13})\b", re.IGNORECASE)


def check(text: str) -> int:
    """Returns until when (in seconds) the text may be used. Raises InvalidInput without one
    timestamp, Unauthenticated for one of another time.
    """
    found = TIMESTAMP.findall(text)
    if len(found) != 1:
        raise InvalidInput(
            "The message is neither one of EIP-4361 nor has one timestamp in milliseconds",
            code="bad_message",
            field="message",
        )
    issued_at, now = int(found[0]) // 1000, now_seconds()
    if issued_at > now + LEEWAY_SECONDS:
        raise Unauthenticated("timestamp is in the future; is the clock right?", code="not_yet")
    if issued_at < now - MAX_AGE_SECONDS:
        raise Unauthenticated("The message is older than ten minutes", code="message_expired")
    return issued_at + MAX_AGE_SECONDS


def key_of(text: str, wallet_address: str) -> str:
    """Returns what stands for the text once it has been used."""
    return hashlib.sha256(f"{wallet_address.lower()}\n{text}".encode()).hexdigest()
