"""How a session goes on and how it ends."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import boto3
import pytest

from showreel.core import dynamo
from showreel.core.clock import now_seconds
from showreel.core.errors import AppError, Unauthenticated
from showreel.identity.tokens import verified_user
from showreel.wallets import sessions
from tests.support.wallets import Wallet

from .conftest import act, sign_in

WALLET = Wallet(7)
DAY = 86_400


def refresh(token: str) -> Any:
    return act({"grant_type": "refresh_token", "refresh_token": token})


def refusal(token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        refresh(token)
    return caught.value.code


def later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    monkeypatch.setattr(sessions, "now_seconds", lambda: now_seconds() + seconds)


def test_each_refresh_gives_the_next_tokens() -> None:
    first = sign_in(WALLET)
    second = refresh(first.session.refresh_token)
    third = refresh(second.session.refresh_token)
    assert second.user == third.user == first.user
    assert verified_user(third.session.access_token) == first.user.id
    tokens = [one.session for one in (first, second, third)]
    assert len({one.refresh_token for one in tokens}) == 3
    assert len({one.access_token for one in tokens}) == 3


def test_a_token_that_was_used_ends_its_session_and_no_other() -> None:
    first, other = sign_in(WALLET).session, sign_in(WALLET).session
    second = refresh(first.refresh_token).session
    assert refusal(first.refresh_token) == "refresh_token_reused"
    assert refusal(second.refresh_token) == "session_ended"
    assert refusal(first.refresh_token) == "session_ended"
    refresh(other.refresh_token)


def test_two_at_once_with_one_token_never_both_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, call = Lock(), dynamo._call

    def locked(operation: str, **request: Any) -> Any:
        with lock:
            return call(operation, **request)

    monkeypatch.setattr(dynamo, "_call", locked)
    token = sign_in(WALLET).session.refresh_token

    def attempt(_: int) -> str | None:
        try:
            return str(refresh(token).session.refresh_token)
        except AppError:
            return None

    with ThreadPoolExecutor(8) as pool:
        tokens = [one for one in pool.map(attempt, range(8)) if one]
    assert len(tokens) <= 1
    assert all(refusal(one) == "session_ended" for one in tokens)


def test_a_lost_reply_is_not_taken_for_a_reuse(monkeypatch: pytest.MonkeyPatch) -> None:
    call = dynamo._call

    def twice(operation: str, **request: Any) -> Any:
        if operation == "update_item":
            call(operation, **request)
        return call(operation, **request)

    token = sign_in(WALLET).session.refresh_token
    monkeypatch.setattr(dynamo, "_call", twice)
    refresh(refresh(token).session.refresh_token)


def test_a_session_ends_that_nobody_refreshes(monkeypatch: pytest.MonkeyPatch) -> None:
    token = sign_in(WALLET).session.refresh_token
    later(monkeypatch, 29 * DAY)
    token = refresh(token).session.refresh_token
    later(monkeypatch, 60 * DAY)
    assert refusal(token) == "invalid_refresh_token"


def test_a_session_ends_after_ninety_days_however_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = sign_in(WALLET).session.refresh_token
    for days in (25, 50, 75, 89):
        later(monkeypatch, days * DAY)
        token = refresh(token).session.refresh_token
    later(monkeypatch, 91 * DAY)
    assert refusal(token) == "invalid_refresh_token"


def test_who_signs_out_has_to_sign_in_again() -> None:
    session = sign_in(WALLET).session
    for _ in range(2):
        assert act({"action": "sign_out", "refresh_token": session.refresh_token}).success
    assert refusal(session.refresh_token) == "session_ended"
    assert act({"action": "sign_out", "refresh_token": "wrt_nothing"}).success


@pytest.mark.parametrize(
    "token", ["x", "wrt_", f"wrt_{'0' * 32}.{'a' * 43}", f"wrt_{'0' * 32}.{'a' * 44}", "é"]
)
def test_what_is_no_refresh_token_is_refused(token: str) -> None:
    assert refusal(token) == "invalid_refresh_token"


def test_an_access_token_refreshes_nothing_and_a_refresh_token_opens_nothing() -> None:
    session = sign_in(WALLET).session
    with pytest.raises(Unauthenticated):
        verified_user(session.refresh_token)
    assert refusal(session.access_token[:200]) == "invalid_refresh_token"


def test_the_table_holds_no_token() -> None:
    session = sign_in(WALLET).session
    session = refresh(session.refresh_token).session
    table = boto3.resource("dynamodb", region_name="eu-central-1").Table("identity")
    kept = str(table.scan()["Items"])
    assert session.refresh_token.split(".")[1] not in kept
    assert session.access_token not in kept
