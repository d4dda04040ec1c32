"""A wallet's session, synchronous."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from showreel_client.budget import Limits, Surroundings
from showreel_client.effects import Conversation
from showreel_client.sync_driver import SyncDriver
from showreel_client.wallet_calls import WalletAccount, WalletCalls, WalletTokens

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
ATTEMPTS = 2


class WalletSession:
    """Signs in with a wallet when a token is first needed, and keeps the token fresh.

        session = WalletSession(base_url, address, sign)
        service = UnifiedGenerationService(base_url, session.token)

    `sign` takes a text and returns the wallet's signature of it (`personal_sign`) in hexadecimal.
    The message is for `domain`, by default the API's own host; another one must be among those that
    the server takes. `sign` is called again when a session has ended. Calls may run in several
    threads. Raises GenerationError.
    """

    def __init__(
        self,
        base_url: str,
        address: str,
        sign: Callable[[str], str],
        *,
        chain_id: int = 1,
        domain: str | None = None,
        http: "httpx.Client | None" = None,
        limits: Limits | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self._calls = WalletCalls(
            base_url,
            address,
            chain_id=chain_id,
            domain=domain,
            limits=limits,
            surroundings=surroundings,
        )
        self._sign = sign
        self._http = http
        self._owns_http = http is None
        self._lock = threading.Lock()
        self._tokens: WalletTokens | None = None

    def token(self) -> str:
        """Returns an access token that is valid for at least another minute."""
        with self._lock:
            if self._tokens is not None and not self._calls.is_fresh(self._tokens):
                self._tokens = self._run(self._calls.refresh(self._tokens))
            if self._tokens is None:
                self._sign_in()
            assert self._tokens is not None  # noqa: S101  # `_sign_in` raises without
            return self._tokens.access_token

    def sign_in(self) -> WalletAccount:
        """Begins a new session; returns its user with the workspace and credits."""
        with self._lock:
            return self._sign_in()

    def sign_out(self) -> None:
        """Ends the session. Its access token stays valid until it expires, for an hour at most. If
        the server can't be reached, the session goes on and can be ended by another call.
        """
        with self._lock:
            if self._tokens is not None:
                self._run(self._calls.sign_out(self._tokens))
                self._tokens = None

    def close(self) -> None:
        """Closes connections, unless the caller passed in the HTTP client."""
        if self._owns_http and self._http is not None:
            self._http.close()
            self._http = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _sign_in(self) -> WalletAccount:
        for _ in range(ATTEMPTS):
            message = self._run(self._calls.message())
            found = self._run(self._calls.sign_in(message, self._sign(message)))
            if found is not None:
                self._tokens, account = found
                return account
        raise self._calls.refused()

    def _run(self, conversation: Conversation[T]) -> T:
        if self._http is None:
            import httpx

            self._http = httpx.Client()
        return SyncDriver(self._http, self._calls.setting.base_url, str).run(conversation)
