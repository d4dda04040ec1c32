"""A wallet's session: signed in when it is needed, refreshed in time, never with a token twice."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from showreel_client import AsyncWalletSession, GenerationError, WalletSession
from tests.client.support import BASE, IMPATIENT, Clock, Server, answer, failure, without_chance

PATH = "functions/v1/wallet-auth"
ADDRESS = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
USER = {"id": f"wallet:{ADDRESS.lower()}", "wallet_address": ADDRESS.lower()}
BOOTSTRAP = {"workspace_id": "w", "available_credits": 100, "welcome_granted": True}


def tokens(number: int, expires_in: int = 3600) -> dict[str, Any]:
    kept = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
    return {**kept, "expires_in": expires_in, "token_type": "bearer"}


def signed_in(number: int, **fields: Any) -> httpx.Response:
    return answer(200, {"session": tokens(number, **fields), "user": USER, "bootstrap": BOOTSTRAP})


def nonce(text: str = "abcdefgh12345678") -> httpx.Response:
    return answer(200, {"nonce": text, "issued_at": "2026-01-01T00:00:00.000Z"})


class Session:
    """Either kind of session, called the same way; it signs with the words `signed by`."""

    def __init__(self, server: Server, *, is_async: bool, **options: Any) -> None:
        self.asked: list[str] = []
        self._is_async, self._loop = is_async, asyncio.new_event_loop()
        options = {"limits": IMPATIENT} | options
        transport = httpx.MockTransport(server)
        if is_async:
            http: Any = httpx.AsyncClient(transport=transport)
            self._session: Any = AsyncWalletSession(
                BASE, ADDRESS, self._sign_later, http=http, **options
            )
        else:
            http = httpx.Client(transport=transport)
            self._session = WalletSession(BASE, ADDRESS, self._sign, http=http, **options)

    def _sign(self, message: str) -> str:
        self.asked.append(message)
        return "0xsigned"

    async def _sign_later(self, message: str) -> str:
        return self._sign(message)

    def __call__(self, name: str) -> Any:
        made = getattr(self._session, name)()
        return self._loop.run_until_complete(made) if self._is_async else made

    def close(self) -> None:
        self._loop.close()


@pytest.fixture
def server() -> Server:
    return Server().on(PATH, nonce(), signed_in(1))


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def made(request: pytest.FixtureRequest, server: Server) -> Any:
    sessions: list[Session] = []

    def make(**options: Any) -> Session:
        sessions.append(Session(server, is_async=request.param, **options))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()


def test_it_signs_in_when_a_token_is_first_needed(server: Server, made: Any) -> None:
    session = made()
    assert server.requests == []
    assert [session("token"), session("token")] == ["access-1", "access-1"]
    (message,) = session.asked
    lines = message.split("\n")
    assert lines[0] == "api.example.com wants you to sign in with your Ethereum account:"
    assert lines[1:5] == [ADDRESS, "", "", f"URI: {BASE}"]
    assert lines[5:8] == ["Version: 1", "Chain ID: 1", "Nonce: abcdefgh12345678"]
    wish = {"walletAddress": ADDRESS, "message": message, "signature": "0xsigned"}
    assert server.bodies(PATH) == [wish]
    assert all("authorization" not in request.headers for request in server.requests)


def test_sign_in_returns_the_account(made: Any) -> None:
    account = made().__call__("sign_in")
    assert (account.user_id, account.address) == (USER["id"], USER["wallet_address"])
    told = (account.workspace_id, account.available_credits, account.welcome_granted)
    assert told == ("w", 100, True)


def test_another_domain_and_chain_are_the_callers(server: Server, made: Any) -> None:
    session = made(domain="app.example.com", chain_id=137)
    session("sign_in")
    text = session.asked[0]
    assert text.startswith("app.example.com wants")
    assert f"{ADDRESS}\n\n\nURI: https://app.example.com\n" in text
    assert "\nChain ID: 137\n" in text


def test_it_refreshes_a_minute_before_the_token_ends(server: Server, made: Any) -> None:
    refreshed = answer(200, {"session": tokens(2), "user": USER})
    server.on(PATH, nonce(), signed_in(1), refreshed)
    clock = Clock()
    session = made(surroundings=without_chance(clock))
    assert session("token") == "access-1"
    clock.now = 3539
    assert session("token") == "access-1"
    clock.now = 3541
    assert session("token") == "access-2"
    wish = {"grant_type": "refresh_token", "refresh_token": "refresh-1"}
    assert server.bodies(PATH)[-1] == wish
    assert len(session.asked) == 1


@pytest.mark.parametrize(
    "end",
    [
        failure(401, "session_ended"),
        failure(401, "refresh_token_reused"),
        failure(503, "try_again"),
        httpx.ReadTimeout("lost"),
    ],
)
def test_what_cannot_be_refreshed_is_signed_again_and_no_token_sent_twice(
    server: Server, made: Any, end: Any
) -> None:
    server.on(PATH, nonce(), signed_in(1, expires_in=1), end, nonce(), signed_in(3))
    session = made()
    assert [session("token"), session("token")] == ["access-1", "access-3"]
    assert len(session.asked) == 2
    sent = [body.get("refresh_token") for body in server.bodies(PATH)]
    assert sent.count("refresh-1") == 1


def test_a_message_whose_answer_was_lost_is_signed_anew(server: Server, made: Any) -> None:
    lost = httpx.ReadTimeout("lost")
    used = failure(401, "nonce_used")
    server.on(PATH, nonce(), lost, used, nonce("second12345"), signed_in(1))
    session = made()
    assert session("token") == "access-1"
    assert "Nonce: second12345" in session.asked[1]


def test_a_refused_wallet_raises_the_servers_code(server: Server, made: Any) -> None:
    server.on(PATH, nonce(), failure(401, "wrong_domain"))
    with pytest.raises(GenerationError) as caught:
        made().__call__("token")
    assert (caught.value.status, caught.value.server_code) == (401, "wrong_domain")


@pytest.mark.parametrize("text", ["", "short", "abcdefgh\nURI: https://evil", "a" * 200, None, 7])
def test_a_server_cannot_put_lines_into_what_is_signed(
    server: Server, made: Any, text: Any
) -> None:
    server.on(PATH, nonce(text))
    session = made()
    with pytest.raises(GenerationError):
        session("token")
    assert session.asked == []


def test_who_signs_out_signs_in_anew(server: Server, made: Any) -> None:
    out = answer(200, {"success": True})
    server.on(PATH, nonce(), signed_in(1), out, nonce(), signed_in(2))
    session = made()
    session("token")
    session("sign_out")
    assert server.bodies(PATH)[-1] == {"action": "sign_out", "refresh_token": "refresh-1"}
    session("sign_out")
    assert session("token") == "access-2"


def test_a_sign_out_that_fails_can_be_tried_again(server: Server, made: Any) -> None:
    refused, out = failure(400, "bad_request"), answer(200, {"success": True})
    server.on(PATH, nonce(), signed_in(1), refused, out)
    session = made()
    session("token")
    with pytest.raises(GenerationError):
        session("sign_out")
    session("sign_out")
    wish = {"action": "sign_out", "refresh_token": "refresh-1"}
    assert server.bodies(PATH)[-2:] == [wish, wish]


@pytest.mark.parametrize(
    "body", [{}, {"session": {}}, {"session": tokens(1)}, {"session": 7, "user": []}]
)
def test_an_answer_without_tokens_or_user_is_an_error(
    server: Server, made: Any, body: dict[str, Any]
) -> None:
    server.on(PATH, nonce(), httpx.Response(200, content=json.dumps(body).encode()))
    with pytest.raises(GenerationError):
        made().__call__("token")


def test_an_address_is_checked_before_anything_is_sent(server: Server) -> None:
    with pytest.raises(ValueError, match="address"):
        WalletSession(BASE, "0x12", str)
