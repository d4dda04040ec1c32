"""A wallet's session, for asyncio."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from showreel_client.async_driver import AsyncDriver
from showreel_client.budget import Limits, Surroundings
from showreel_client.effects import Conversation
from showreel_client.wallet_calls import WalletAccount, WalletCalls, WalletTokens
from showreel_client.wallets import ATTEMPTS

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class AsyncWalletSession:
    """WalletSession with `await`; `sign` may be an ordinary or an async function."""

    def __init__(
        self,
        base_url: str,
        address: str,
        sign: Callable[[str], str | Awaitable[str]],
        *,
        chain_id: int = 1,
        domain: str | None = None,
        http: "httpx.AsyncClient | None" = None,
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
        self._lock = asyncio.Lock()
        self._tokens: WalletTokens | None = None

    async def token(self) -> str:
        """Returns an access token that is valid for at least another minute."""
        async with self._lock:
            if self._tokens is not None and not self._calls.is_fresh(self._tokens):
                self._tokens = await self._run(self._calls.refresh(self._tokens))
            if self._tokens is None:
                await self._sign_in()
            assert self._tokens is not None  # noqa: S101  # `_sign_in` raises without
            return self._tokens.access_token

    async def sign_in(self) -> WalletAccount:
        """Begins a new session; returns its user with the workspace and credits."""
        async with self._lock:
            return await self._sign_in()

    async def sign_out(self) -> None:
        """Ends the session. Its access token stays valid until it expires, for an hour at most. If
        the server can't be reached, the session goes on and can be ended by another call.
        """
        async with self._lock:
            if self._tokens is not None:
                await self._run(self._calls.sign_out(self._tokens))
                self._tokens = None

    async def close(self) -> None:
        """Closes connections, unless the caller passed in the HTTP client."""
        if self._owns_http and self._http is not None:
            await self._http.aclose()
            self._http = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _sign_in(self) -> WalletAccount:
        for _ in range(ATTEMPTS):
            message = await self._run(self._calls.message())
            signed = self._sign(message)
            signature = await signed if inspect.isawaitable(signed) else signed
            found = await self._run(self._calls.sign_in(message, signature))
            if found is not None:
                self._tokens, account = found
                return account
        raise self._calls.refused()

    async def _run(self, conversation: Conversation[T]) -> T:
        if self._http is None:
            import httpx

            self._http = httpx.AsyncClient()
        driver = AsyncDriver(self._http, self._calls.setting.base_url, _no_token)
        return await driver.run(conversation)


async def _no_token() -> str:
    return ""
