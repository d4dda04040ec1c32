"""Who may call Kling: a static API key, or a short token signed with the secret key."""

from collections.abc import Mapping

import jwt


def access_problem(
    authorization: str, secrets: Mapping[str, str], *, takes_tokens: bool = True
) -> int | None:
    """Returns the vendor's error code for a bad `Authorization` header, None if it is
    good.

    The second standard takes no tokens and says of a good one that it is invalid.
    """
    if not authorization:
        return 1001
    scheme, _, token = authorization.partition(" ")
    if scheme != "Bearer" or not token:
        return 1002
    api_key = secrets.get("kling_api_key")
    if api_key and token == api_key:
        return None
    return _token_problem(token, secrets) if takes_tokens else 1002


def _token_problem(token: str, secrets: Mapping[str, str]) -> int | None:
    access_key, secret_key = secrets.get("kling_access_key"), secrets.get("kling_secret_key")
    if not access_key or not secret_key:
        return 1002
    try:
        jwt.decode(
            token,
            secret_key,
            algorithms=["HS256"],
            issuer=access_key,
            options={"require": ["iss", "exp", "nbf"], "verify_iat": False},
        )
    except jwt.ExpiredSignatureError:
        return 1004
    except jwt.ImmatureSignatureError:
        return 1003
    except jwt.PyJWTError:
        return 1002
    return None
