"""Who gets in with a wallet, and with what they begin."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import pytest

from showreel.core import dynamo, secrets
from showreel.core import settings as core_settings
from showreel.core.clock import now_seconds
from showreel.core.errors import AppError, RateLimited
from showreel.credits.ledger import ledger
from showreel.identity import Caller
from showreel.identity.models import ChangeMe, CreateWorkspace
from showreel.identity.service import change_me, create_workspace, list_workspaces
from showreel.identity.tokens import verified_user
from showreel.wallets import nonces, service
from tests.support.wallets import Wallet, at
from tests.unit.identity.conftest import lose_replies

from .conftest import RUNS, WELCOME, act, message, sign_in

WALLET = Wallet(7)
LONG_AGO = -3600


def refusal(body: dict[str, Any]) -> tuple[int, str]:
    with pytest.raises(AppError) as caught:
        act(body)
    return caught.value.status, caught.value.code


def refused(**changes: Any) -> tuple[int, str]:
    return refusal(WALLET.wish(message(WALLET, **changes)))


def workspaces_of(user_id: str) -> list[str]:
    return [one.id for one in list_workspaces(Caller(user_id), 100, None).items]


def test_a_wallet_signs_in_and_gets_a_workspace_with_welcome_credits() -> None:
    answer = sign_in(WALLET)
    assert answer.user.id == f"wallet:{WALLET.address}"
    assert verified_user(answer.session.access_token) == answer.user.id
    assert answer.session.token_type == "bearer"
    assert answer.session.expires_in == 3600
    assert workspaces_of(answer.user.id) == [answer.bootstrap.workspace_id]
    assert answer.bootstrap.welcome_granted
    assert answer.bootstrap.available_credits == WELCOME
    again = sign_in(WALLET)
    assert not again.bootstrap.welcome_granted
    assert again.bootstrap.workspace_id == answer.bootstrap.workspace_id
    assert again.bootstrap.available_credits == WELCOME


def test_addresses_are_the_same_in_any_letters() -> None:
    first = sign_in(WALLET)
    shouted = f"0x{WALLET.address[2:].upper()}"
    body = WALLET.wish(message(WALLET, address=shouted))
    assert act(body | {"walletAddress": shouted}).user == first.user
    assert act(WALLET.wish(message(WALLET, address=shouted))).user == first.user


@pytest.mark.parametrize("v", [0, 27])
def test_both_forms_of_the_last_byte_are_taken(v: int) -> None:
    assert act(WALLET.wish(message(WALLET), v=v)).user.wallet_address == WALLET.address


def test_twenty_at_once_make_one_workspace_and_one_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, call = Lock(), dynamo._call

    def locked(operation: str, **request: Any) -> Any:
        with lock:  # the in-process double is not atomic under threads
            return call(operation, **request)

    monkeypatch.setattr(dynamo, "_call", locked)
    bodies = [WALLET.wish(message(WALLET)) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(act, bodies))
    (workspace_id,) = {answer.bootstrap.workspace_id for answer in answers}
    assert workspaces_of(f"wallet:{WALLET.address}") == [workspace_id]
    assert [answer.bootstrap.welcome_granted for answer in answers].count(True) == 1
    assert [(entry.id, entry.amount) for entry in ledger().entries(workspace_id)] == [
        ("grant#welcome", WELCOME)
    ]
    assert len({answer.session.refresh_token for answer in answers}) == 20


def test_the_same_message_twenty_times_at_once_signs_in_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lock, call = Lock(), dynamo._call

    def locked(operation: str, **request: Any) -> Any:
        with lock:
            return call(operation, **request)

    monkeypatch.setattr(dynamo, "_call", locked)
    body = WALLET.wish(message(WALLET))

    def attempt(_: int) -> str:
        try:
            act(body)
        except AppError as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(20) as pool:
        ends = list(pool.map(attempt, range(20)))
    assert (ends.count("in"), ends.count("nonce_used")) == (1, 19)


def test_a_message_counts_once() -> None:
    body = WALLET.wish(message(WALLET))
    act(body)
    assert refusal(body) == (401, "nonce_used")
    other = Wallet(8)
    nonce = json.loads(json.dumps(body))["message"].split("Nonce: ")[1].split("\n")[0]
    assert refusal(other.wish(message(other, nonce=nonce))) == (401, "nonce_used")


def test_a_lost_reply_is_not_taken_for_a_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    lose_replies(monkeypatch)
    assert sign_in(WALLET).bootstrap.welcome_granted
    assert not sign_in(WALLET).bootstrap.welcome_granted


def dated(changes: dict[str, Any]) -> dict[str, Any]:
    """The changes with times in place of seconds from now."""
    return {name: at(of) if isinstance(of, int) else of for name, of in changes.items()}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"domain": "evil.example.com"}, "wrong_domain"),
        ({"domain": "api.example.com.evil.com"}, "wrong_domain"),
        ({"domain": "api.example.com:8443"}, "wrong_domain"),
        ({"domain": "user@api.example.com"}, "wrong_domain"),
        ({"domain": "example.com"}, "wrong_domain"),
        ({"uri": "https://evil.example.com/login"}, "wrong_uri"),
        ({"uri": "http://api.example.com/login"}, "wrong_uri"),
        ({"uri": "urn:showreel:login"}, "wrong_uri"),
        ({"uri": "https://api.example.com@evil.example.com/"}, "wrong_uri"),
        ({"scheme": "http://"}, "wrong_uri"),
        ({"chain_id": "5"}, "wrong_chain"),
        ({"chain_id": "01"}, "wrong_chain"),
        ({"chain_id": "13"}, "wrong_chain"),
        ({"issued_at": LONG_AGO}, "message_expired"),
        ({"issued_at": 3600}, "not_yet"),
        ({"expiration_time": -1}, "message_expired"),
        ({"not_before": 3600}, "not_yet"),
        ({"nonce": "32891756"}, "nonce_unknown"),
        ({"nonce": "a" * 46}, "nonce_unknown"),
        ({"nonce": f"{now_seconds() + 60:08x}" + "a" * 38}, "nonce_unknown"),
    ],
)
def test_what_is_for_another_place_or_time_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refused(**dated(changes)) == (401, code)
    assert workspaces_of(f"wallet:{WALLET.address}") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"domain": "app.example.com"},
        {"domain": "APP.example.com"},
        {"scheme": "https://"},
        {"domain": "app.example.com", "uri": "https://api.example.com/prod"},
        {"chain_id": "137"},
        {"statement": None},
        {"statement": ""},
        {"expiration_time": 300, "not_before": -300, "request_id": "a%20b"},
        {"resources": ["ipfs://bafybei/", "https://example.com/claim.json"]},
        {"issued_at": 30},
    ],
)
def test_every_good_form_of_a_message_is_taken(changes: dict[str, Any]) -> None:
    assert sign_in(WALLET, **dated(changes)).user.wallet_address == WALLET.address


def test_sites_are_those_that_an_operator_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLET_DOMAINS", "one.example.com, two.example.com:8443")
    core_settings.settings.cache_clear()
    assert refused(domain="app.example.com") == (401, "wrong_domain")
    for domain in ("one.example.com", "two.example.com:8443", "api.example.com"):
        sign_in(WALLET, domain=domain)


def test_http_is_for_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLET_DOMAINS", "localhost:3000,127.0.0.1:8787,[::1]:80,127.0.0.1.example")
    core_settings.settings.cache_clear()
    for domain in ("localhost:3000", "127.0.0.1:8787", "[::1]:80"):
        sign_in(WALLET, domain=domain, uri=f"http://{domain}/")
    plain = {"domain": "127.0.0.1.example", "uri": "http://127.0.0.1.example/"}
    assert refused(**plain) == (401, "wrong_uri")


def test_a_nonce_lasts_ten_minutes_and_is_random(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [service.nonce() for _ in range(50)]
    assert len({one.nonce for one in asked}) == 50
    body = message(WALLET, issued_at=at(590), nonce=asked[0].nonce)
    monkeypatch.setattr(nonces, "now_seconds", lambda: now_seconds() + 601)
    with pytest.raises(AppError) as caught:
        nonces.check(body.split("Nonce: ")[1].split("\n")[0])
    assert caught.value.code == "nonce_expired"


def test_asking_for_nonces_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamo, "_call", None)
    for _ in range(10):
        service.nonce()


def test_a_nonce_outlives_the_change_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = service.nonce().nonce

    def holds(**keys: str) -> None:
        monkeypatch.setitem(secrets._kept, RUNS, (math.inf, json.dumps(keys)))

    holds(run_token_key="next", previous_run_token_key="key")
    sign_in(WALLET, nonce=asked)
    holds(run_token_key="next")
    assert refused(nonce=asked) == (401, "nonce_unknown")


def test_only_the_wallets_own_signature_counts() -> None:
    body = WALLET.wish(message(WALLET))
    assert refusal(body | {"signature": Wallet(8).sign(body["message"])}) == (
        401,
        "wrong_signature",
    )
    changed = body["message"].replace("Welcome", "Goodbye")
    assert refusal(body | {"message": changed}) == (401, "wrong_signature")
    assert refusal(body | {"walletAddress": Wallet(8).address}) == (400, "wrong_address")


@pytest.mark.parametrize("missing", ["walletAddress", "message", "signature"])
def test_what_is_missing_is_named(missing: str) -> None:
    body = WALLET.wish(message(WALLET))
    del body[missing]
    with pytest.raises(AppError) as caught:
        act(body)
    assert caught.value.details["details"][0]["field"] == missing


def test_an_address_signs_in_so_often_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLET_SIGN_INS_PER_MINUTE", "3")
    core_settings.settings.cache_clear()

    def signed_in(source: str, number: int) -> bool:
        wallet = Wallet(number)
        try:
            act(wallet.wish(message(wallet)), source)
        except RateLimited as error:
            return not 1 <= error.retry_after_seconds <= 20
        return True

    assert [signed_in("203.0.113.7", n) for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert signed_in("203.0.113.8", 5)
    six = [signed_in(f"2001:db8:1:2::{n}", n) for n in (1, 2, 3, 4)]
    assert six == [True, True, True, False]
    assert signed_in("2001:db8:1:3::1", 4)


def test_a_chosen_or_left_default_workspace_is_kept_at_sign_in() -> None:
    first = sign_in(WALLET)
    user = Caller(first.user.id)
    chosen = create_workspace(user, CreateWorkspace(name="Second"))
    change_me(user, ChangeMe(default_workspace_id=chosen.id))
    bootstrap = sign_in(WALLET).bootstrap
    assert (bootstrap.workspace_id, bootstrap.available_credits) == (chosen.id, 0)
    change_me(user, ChangeMe(default_workspace_id=None))
    assert sign_in(WALLET).bootstrap == first.bootstrap.model_copy(
        update={"welcome_granted": False}
    )


def test_without_welcome_credits_nothing_is_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WELCOME_CREDITS", "0")
    core_settings.settings.cache_clear()
    bootstrap = sign_in(WALLET).bootstrap
    assert not bootstrap.welcome_granted
    assert ledger().entries(str(bootstrap.workspace_id)) == []


def legacy(milliseconds: float) -> str:
    return f"Sign in to Showreel\n\nwallet: {WALLET.address}\ntimestamp: {milliseconds:.0f}"


def test_messages_without_a_nonce_are_refused_unless_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_ms = now_seconds() * 1000
    good = WALLET.wish(legacy(now_ms))
    assert refusal(good) == (400, "bad_message")
    monkeypatch.setenv("WALLET_LEGACY_MESSAGES", "true")
    core_settings.settings.cache_clear()
    assert act(good).bootstrap.welcome_granted
    assert refusal(good) == (401, "nonce_used")
    late, early = legacy(now_ms - 601_000), legacy(now_ms + 75_000)
    assert refusal(WALLET.wish(late)) == (401, "message_expired")
    assert refusal(WALLET.wish(early)) == (401, "not_yet")
    assert refusal(WALLET.wish("Sign in")) == (400, "bad_message")
    twice = f"{legacy(now_ms)}\ntimestamp: {now_ms}"
    assert refusal(WALLET.wish(twice)) == (400, "bad_message")


def test_a_message_for_another_site_is_never_taken_for_an_older_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WALLET_LEGACY_MESSAGES", "true")
    core_settings.settings.cache_clear()
    statement = f"timestamp: {now_seconds() * 1000}"
    assert refused(domain="evil.example.com", statement=statement) == (401, "wrong_domain")
    assert refused(version="2", statement=statement) == (400, "bad_message")
