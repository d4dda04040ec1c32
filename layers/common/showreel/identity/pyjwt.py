"""Imports PyJWT on first use, without cryptography if the deployment's tokens don't need it."""

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType

from showreel.core.settings import Auth, settings

OPTIONAL = "cryptography"


def pyjwt() -> ModuleType:
    """Returns PyJWT, without its optional cryptography if all tokens are HS256.

    HS256 needs only the standard library's HMAC, and loading cryptography costs 30 ms of a cold
    start. PyJWT without it refuses asymmetric algorithms.
    """
    with contextlib.nullcontext() if settings(Auth).jwks_url else _not_installed():
        import jwt
    return jwt


@contextlib.contextmanager
def _not_installed() -> Iterator[None]:
    """Makes importing cryptography fail inside: None in `sys.modules` means that it isn't there.

    Does nothing if it or PyJWT is loaded already. It can be imported again afterwards.
    """
    if OPTIONAL in sys.modules or "jwt" in sys.modules:
        yield
        return
    sys.modules[OPTIONAL] = None  # type: ignore[assignment]  # what the import system looks for
    try:
        yield
    finally:
        del sys.modules[OPTIONAL]
