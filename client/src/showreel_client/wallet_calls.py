"""Conversations of signing in with a wallet, which `wallets` and `async_wallets` run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from showreel_client import faults, values
from showreel_client.budget import Limits, Surroundings
from showreel_client.catalogue import Catalogue
from showreel_client.effects import Answer, Conversation, Request, Send
from showreel_client.errors import GenerationError
from showreel_client.generation import Setting
from showreel_client.request_ids import request_id_of
from showreel_client.routes import Route
from showreel_client.run import Run, body_of, settled
from showreel_client.transport import checked_base_url, checked_token

ROUTE = Route("wallet-auth", "wallet-auth", "edge_function_error")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
NONCE = re.compile(r"[A-Za-z0-9]{8,128}")
"""The nonces that EIP-4361 allows: so a server can't add lines to the message that is signed."""
ADDRESS = re.compile(r"0[xX][0-9A-Fa-f]{40}")
SPARE_SECONDS = 60.0
"""How many seconds before its expiry an access token is renewed."""


@dataclass(frozen=True)
class WalletAccount:
    """The user, with workspace and credits. `welcome_granted` is true the first time only."""

    user_id: str
    address: str
    workspace_id: str | None
    available_credits: int
    welcome_granted: bool


@dataclass(frozen=True)
class WalletTokens:
    """The tokens of a session; `fresh_until` is a time of the client's clock."""

    access_token: str
    refresh_token: str
    fresh_until: float


class WalletCalls:
    """The calls of one wallet at one server."""

    def __init__(
        self,
        base_url: str,
        address: str,
        *,
        chain_id: int,
        domain: str | None,
        limits: Limits | None,
        surroundings: Surroundings | None,
    ) -> None:
        if not ADDRESS.fullmatch(address):
            raise ValueError("address is 0x and 40 hexadecimal digits")
        self._address = address
        self._chain_id = chain_id
        self.setting = Setting(
            base_url=checked_base_url(base_url),
            workspace_id=None,
            limits=limits or Limits(),
            surroundings=surroundings or Surroundings(),
            catalogue=Catalogue(),
        )
        own = urlsplit(base_url)
        self._domain = domain or own.netloc
        self._uri = base_url if domain is None else f"https://{domain}"

    def is_fresh(self, tokens: WalletTokens | None) -> bool:
        """Returns whether the access token is valid for another minute."""
        return tokens is not None and self.setting.surroundings.clock() < tokens.fresh_until

    def message(self) -> Conversation[str]:
        """Asks for a nonce; returns the message (EIP-4361) for the wallet to sign."""
        run = self._run()
        body = body_of(run, (yield from settled(run, self._request("GET"))))
        nonce = values.text(body.get("nonce")) or ""
        if not NONCE.fullmatch(nonce):
            raise run.error("The server gave no nonce")
        issued_at = values.text(body.get("issued_at")) or ""
        if not MOMENT.fullmatch(issued_at):
            raise run.error("The server didn't say what time it is")
        return (
            f"{self._domain} wants you to sign in with your Ethereum account:\n"
            f"{self._address}\n\n\n"
            f"URI: {self._uri}\nVersion: 1\nChain ID: {self._chain_id}\n"
            f"Nonce: {nonce}\nIssued At: {issued_at}"
        )

    def sign_in(
        self, message: str, signature: str
    ) -> Conversation[tuple[WalletTokens, WalletAccount] | None]:
        """Sends the signed message. Returns None if its nonce was used, as after a lost answer."""
        run = self._run()
        wish = {"walletAddress": self._address, "message": message, "signature": signature}
        answer = yield from settled(run, self._request("POST", wish))
        if answer.status == 401 and _code(answer) == "nonce_used":
            return None
        body = body_of(run, answer)
        return self._tokens(run, body), _account(run, body)

    def refresh(self, tokens: WalletTokens) -> Conversation[WalletTokens | None]:
        """Asks for new tokens, once: a refresh token that is sent twice ends the session. Returns
        None if there are none.
        """
        run = self._run()
        wish = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        outcome = yield Send(self._request("POST", wish))
        if not isinstance(outcome, Answer) or not outcome.is_ok:
            return None
        return self._tokens(run, body_of(run, outcome))

    def sign_out(self, tokens: WalletTokens) -> Conversation[None]:
        """Ends the session at the server."""
        run = self._run()
        wish = {"action": "sign_out", "refresh_token": tokens.refresh_token}
        body_of(run, (yield from settled(run, self._request("POST", wish))))

    def refused(self) -> GenerationError:
        """Returns the error for messages that are refused as used again and again."""
        return self._run().error("The server takes no message of this wallet")

    def _run(self) -> Run:
        return self.setting.run(ROUTE, request_id_of(None))

    def _request(self, method: str, body: dict[str, str] | None = None) -> Request:
        url = f"{self.setting.base_url}/functions/v1/{ROUTE.function}"
        return Request(method, url, {"Accept": "application/json"}, body, is_ours=False)

    def _tokens(self, run: Run, body: Mapping[str, Any]) -> WalletTokens:
        session = values.record(body.get("session"))
        access, refresh = (values.text(session.get(f"{kind}_token")) for kind in _KINDS)
        if access is None or refresh is None:
            raise run.error("The answer has no tokens")
        lasts = values.number(session.get("expires_in")) or 0.0
        fresh_until = self.setting.surroundings.clock() + lasts - SPARE_SECONDS
        return WalletTokens(checked_token(access), refresh, fresh_until)


_KINDS = ("access", "refresh")


def _account(run: Run, body: Mapping[str, Any]) -> WalletAccount:
    user, begin = (values.record(body.get(name)) for name in ("user", "bootstrap"))
    user_id, address = values.text(user.get("id")), values.text(user.get("wallet_address"))
    if user_id is None or address is None:
        raise run.error("The answer names no user")
    return WalletAccount(
        user_id=user_id,
        address=address,
        workspace_id=values.text(begin.get("workspace_id")),
        available_credits=values.whole(begin.get("available_credits")) or 0,
        welcome_granted=begin.get("welcome_granted") is True,
    )


def _code(answer: Answer) -> str | None:
    return faults.error_of(answer, ROUTE.error_code).server_code
