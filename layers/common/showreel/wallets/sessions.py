"""Sessions: an access token for an hour, and a refresh token to get the next pair.

A refresh token is `wrt_{session}.{secret}`; the session's row has the hash of the present one. Each
can be used once (RFC 9700, section 4.14.2): using it again, by thief or owner, ends the session for
both, and the owner signs in again. There is no grace period: a client that lost an answer has a
wallet to sign in with.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from showreel.core.clock import now_seconds
from showreel.core.dynamo import Item
from showreel.core.errors import ConditionFailed, Unauthenticated
from showreel.core.observability import about, logger
from showreel.identity.session_tokens import LIFETIME_SECONDS, issue_access_token
from showreel.wallets.store import session_row, wallets

UNUSED_SECONDS = 30 * 86_400
"""The lifetime of a session that isn't refreshed."""
LONGEST_SECONDS = 90 * 86_400
"""The longest lifetime of a session, however often it is refreshed."""
TOKEN = re.compile(r"wrt_([0-9a-f]{32})\.[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Tokens:
    """The tokens of a session, for the client."""

    user_id: str
    access_token: str
    refresh_token: str
    expires_in: int = LIFETIME_SECONDS


def new_session(user_id: str) -> tuple[Tokens, Item]:
    """Returns a session's first tokens and its row, which is not written yet."""
    session_id = secrets.token_hex(16)
    refresh_token = _new_token(session_id)
    row = session_row(session_id, user_id, _hash(refresh_token), (UNUSED_SECONDS, LONGEST_SECONDS))
    return Tokens(user_id, issue_access_token(user_id), refresh_token), row


def session_id_of(refresh_token: str) -> str:
    """Returns the session id in a token. Raises Unauthenticated for a malformed one."""
    found = TOKEN.fullmatch(refresh_token)
    if found is None:
        raise _invalid()
    return found[1]


def refresh(refresh_token: str) -> Tokens:
    """Returns the session's next tokens; the given one can't be used again.

    Raises Unauthenticated: `invalid_refresh_token`, `session_ended`, and `refresh_token_reused` for
    one that was used before, which ends the session.
    """
    session_id = session_id_of(refresh_token)
    session, old, new = _open(session_id), _hash(refresh_token), _new_token(session_id)
    user_id = str(session["user_id"])
    about(user_id=user_id)
    if not hmac.compare_digest(old, session["token_hash"]):
        raise _reused(session_id)
    access_token = issue_access_token(user_id)
    expires_at = min(now_seconds() + UNUSED_SECONDS, int(session["ends_at"]))
    try:
        wallets().rotate(session_id, old, _hash(new), expires_at)
    except ConditionFailed as error:
        raise _reused(session_id) from error
    return Tokens(user_id, access_token, new)


def sign_out(refresh_token: str) -> None:
    """Ends the session of a token, which may be an older one. An unknown or ended session is no
    error (RFC 7009).
    """
    try:
        wallets().end(session_id_of(refresh_token), "signed_out")
    except (ConditionFailed, Unauthenticated):
        return


def _open(session_id: str) -> Item:
    session = wallets().session(session_id)
    if session is None or session["expires_at"] <= now_seconds():
        raise _invalid()
    if "ended" in session:
        raise Unauthenticated("The session is over; sign in again", code="session_ended")
    return session


def _reused(session_id: str) -> Unauthenticated:
    try:
        wallets().end(session_id, "reused")
        logger().warning("a refresh token came twice; its session is ended")
    except ConditionFailed:
        pass  # already ended
    message = "The refresh token was used before; the session is ended, sign in again"
    return Unauthenticated(message, code="refresh_token_reused")


def _invalid() -> Unauthenticated:
    message = "The refresh token is invalid or expired; sign in again"
    return Unauthenticated(message, code="invalid_refresh_token")


def _new_token(session_id: str) -> str:
    return f"wrt_{session_id}.{secrets.token_urlsafe(32)}"


def _hash(token: str) -> str:
    """Returns a hash without salt or cost, which is enough for a secret of 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
