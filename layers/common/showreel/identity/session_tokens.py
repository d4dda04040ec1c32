"""Our own access tokens, for users who signed in with a wallet.

    {"iss": "urn:showreel:wallet", "aud", "sub": "wallet:0x…", "iat", "exp", "jti"}

HS256, with a key derived from the shared secret for this purpose alone, so that a token signed with
the secret itself is never one of these. They are accepted beside those of the configured issuer,
however those are verified (decision 0082). The two issuers' users can't be confused: only ids of
ours begin with `wallet:`.
"""

import hashlib
import hmac
import secrets
import time

from showreel.core.secrets import secret
from showreel.core.settings import Auth, settings
from showreel.identity.pyjwt import pyjwt

ISSUER = "urn:showreel:wallet"
ALGORITHM = "HS256"
USER_PREFIX = "wallet:"
"""The prefix of the ids of users who signed in with a wallet."""
LIFETIME_SECONDS = 3600
PURPOSE = b"wallet-access-token"
MIN_SECRET_BYTES = 32


def issue_access_token(user_id: str) -> str:
    """Returns an access token of the user for an hour. Raises ValueError if the shared secret is
    missing or too short.
    """
    key = session_key()
    if key is None:
        raise ValueError(f"AuthSecret needs a jwt_secret of {MIN_SECRET_BYTES} bytes or more")
    now = int(time.time())  # the clock that PyJWT will compare it with
    claims = {
        "iss": ISSUER,
        "aud": settings(Auth).jwt_audience,
        "sub": user_id,
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "jti": secrets.token_hex(16),
    }
    token: str = pyjwt().encode(claims, key, algorithm=ALGORITHM)
    return token


def session_key() -> bytes | None:
    """Returns the signing key; None without a shared secret of 32 bytes or more."""
    shared = str(secret(settings(Auth).auth_secret_arn).get("jwt_secret", "")).encode()
    if len(shared) < MIN_SECRET_BYTES:
        return None
    return hmac.digest(shared, PURPOSE, hashlib.sha256)
