"""Signing in with a wallet through the running stack, by raw HTTP and by the client."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from local.sam_local.wallet import Wallet as Signer
from local.stack import Stack
from showreel_client import GenerationError, UnifiedGenerationService, WalletSession
from tests.support.wallets import Wallet

PATH = "/functions/v1/wallet-auth"
WELCOME = 100


@pytest.fixture
def http(stack: Stack) -> Any:
    with httpx.Client(base_url=stack.base_url, trust_env=False, timeout=60) as client:
        yield client


def body(http: httpx.Client, wallet: Wallet, **signing: Any) -> dict[str, str]:
    """What signs the wallet in, once."""
    host = urlsplit(str(http.base_url)).netloc
    asked = http.get(PATH)
    assert (asked.status_code, asked.headers["cache-control"]) == (200, "no-store")
    told, uri = asked.json(), str(http.base_url)
    message = wallet.message(told["nonce"], domain=host, uri=uri, issued_at=told["issued_at"])
    return wallet.wish(message, **signing)


def test_eight_at_once_make_one_user_with_one_workspace(http: httpx.Client) -> None:
    wallet = Wallet(0xA11CE)
    bodies = [body(http, wallet) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda wish: http.post(PATH, json=wish), bodies))
    assert {answer.status_code for answer in answers} == {200}
    told = [answer.json() for answer in answers]
    assert set(told[0]) == {"session", "user", "bootstrap"}
    assert set(told[0]["session"]) == {"access_token", "refresh_token", "expires_in", "token_type"}
    (workspace_id,) = {one["bootstrap"]["workspace_id"] for one in told}
    assert {one["bootstrap"]["available_credits"] for one in told} == {WELCOME}
    assert [one["bootstrap"]["welcome_granted"] for one in told].count(True) == 1
    bearer = {"Authorization": f"Bearer {told[0]['session']['access_token']}"}
    money = http.get("/api/credits", headers=bearer).json()
    assert (money["workspaceId"], money["available"]) == (workspace_id, WELCOME)
    owned = http.get("/api/workspaces", headers=bearer).json()["items"]
    assert [one["id"] for one in owned] == [workspace_id]
    entries = http.get("/api/credits/ledger", headers=bearer).json()["items"]
    assert [(one["kind"], one["amount"]) for one in entries] == [("grant", WELCOME)]


def test_the_example_event_signs_a_new_wallet_in(http: httpx.Client) -> None:
    answer = http.post(PATH, json=json.loads(Signer().request(http)))
    assert answer.json()["bootstrap"]["welcome_granted"] is True


def test_what_is_refused_has_a_code(http: httpx.Client) -> None:
    wallet = Wallet(0xB0B)

    def code(wish: dict[str, str]) -> tuple[int, str]:
        answer = http.post(PATH, json=wish)
        assert answer.json()["success"] is False
        return answer.status_code, answer.json()["code"]

    good = body(http, wallet)
    assert http.post(PATH, json=good).status_code == 200
    assert code(good) == (401, "nonce_used")
    assert code(body(http, wallet, high_s=True)) == (400, "malleable_signature")
    smart = good | {"signature": good["signature"] + "00" * 64 + "6492" * 16}
    assert code(smart) == (400, "contract_wallet")
    assert code({}) == (400, "invalid_input")
    assert code({"grant_type": "refresh_token", "refresh_token": "x"}) == (
        401,
        "invalid_refresh_token",
    )


def test_the_client_signs_in_refreshes_and_signs_out(stack: Stack, http: httpx.Client) -> None:
    wallet = Wallet(0xCAFE)
    with WalletSession(stack.base_url, wallet.address, wallet.sign, http=http) as session:
        account = session.sign_in()
        assert (account.available_credits, account.welcome_granted) == (WELCOME, True)
        service = UnifiedGenerationService(stack.base_url, session.token, http=http)
        made = service.projects.create("By a wallet")
        assert [one.id for one in service.projects.list()] == [made.id]
        first = session._tokens
        assert first is not None
        session._tokens = session._run(session._calls.refresh(first))
        assert session._tokens is not None
        assert service.projects.get(made.id).title == "By a wallet"
        assert session._run(session._calls.refresh(first)) is None  # it was used
        assert session._run(session._calls.refresh(session._tokens)) is None  # so all are over
        session.sign_out()
        assert session.sign_in().user_id == account.user_id
    stranger = WalletSession(stack.base_url, wallet.address, Wallet(1).sign, http=http)
    with pytest.raises(GenerationError) as caught:
        stranger.token()
    assert caught.value.server_code == "wrong_signature"
