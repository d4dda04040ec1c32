"""Access tokens of our own: for users who signed in here, with a wallet.

    {"iss": "urn:showreel:wallet", "aud", "sub": "wallet:0x…", "iat", "exp", "jti"}

HS256, with a key that is derived from the shared secret for this purpose alone: a token that the
secret itself signed is never one of these. They count beside those of the configured issuer,
whichever way that one is verified (decision 0082). Who they are about and who the other issuer
speaks of can't be confused: only ours begin with `wallet:`.
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
"""How the ids of users begin who signed in with a wallet."""
LIFETIME_SECONDS = 3600
PURPOSE = b"wallet-access-token"
MIN_SECRET_BYTES = 32


def issue_access_token(user_id: str) -> str:
    """Returns a token that speaks for the user for an hour. Raises ValueError unless the shared
    secret is there and long enough.
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
    """Returns the key that signs them; None without a shared secret of 32 bytes or more."""
    shared = str(secret(settings(Auth).auth_secret_arn).get("jwt_secret", "")).encode()
    if len(shared) < MIN_SECRET_BYTES:
        return None
    return hmac.digest(shared, PURPOSE, hashlib.sha256)
