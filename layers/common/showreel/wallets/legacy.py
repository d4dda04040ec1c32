"""The older form of messages: any text with a `timestamp` in milliseconds in place of a nonce.

It names no site, so a text that was signed for another site could be used here. It is accepted only
if an operator allows it, for ten minutes, and each text once.
"""

import hashlib
import re

from showreel.core.clock import now_seconds
from showreel.core.errors import InvalidInput, Unauthenticated
from showreel.wallets.messages import LEEWAY_SECONDS, MAX_AGE_SECONDS

TIMESTAMP = re.compile(r"\btimestamp\b[\"']?\s{0,3}[:=]?\s{0,3}[\"']?([0-9]{13})\b", re.IGNORECASE)


def check(text: str) -> int:
    """Returns until when the text may be used, in seconds since 1970. Raises InvalidInput unless it
    has one timestamp, Unauthenticated if that is too old or in the future.
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
    """Returns the key under which the use of the text is noted."""
    return hashlib.sha256(f"{wallet_address.lower()}\n{text}".encode()).hexdigest()
