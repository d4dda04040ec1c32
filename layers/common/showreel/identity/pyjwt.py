"""PyJWT, imported on first use and no heavier than the deployment's tokens need."""

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType

from showreel.core.settings import Auth, settings

OPTIONAL = "cryptography"


def pyjwt() -> ModuleType:
    """PyJWT; without its optional cryptography where all tokens are HS256.

    HS256 is the standard library's HMAC, and loading cryptography costs 30 ms of a cold start. A
    PyJWT without it knows no asymmetric algorithm and refuses one.
    """
    with contextlib.nullcontext() if settings(Auth).jwks_url else _not_installed():
        import jwt
    return jwt


@contextlib.contextmanager
def _not_installed() -> Iterator[None]:
    """Meanwhile cryptography can't be imported: None in its place means that there is none.

    What is loaded already stays. Others can import it afterwards.
    """
    if OPTIONAL in sys.modules or "jwt" in sys.modules:
        yield
        return
    sys.modules[OPTIONAL] = None  # type: ignore[assignment]  # what the import system looks for
    try:
        yield
    finally:
        del sys.modules[OPTIONAL]
