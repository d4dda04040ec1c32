"""The ledger's rules, held under arbitrary histories, replays and races."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from showreel.core import dynamo
from showreel.core.dynamo import Table
from showreel.core.errors import (
    ConditionFailed,
    HoldClosed,
    HoldNotFound,
    InsufficientCredits,
    InvalidInput,
    SpendCapReached,
    Transient,
)
from showreel.credits import Ledger
from showreel.credits.ledger import DUE_SHARDS, hold_of
from tests.support.cloud import empty_cloud
from tests.support.histories import HISTORIES

WORKSPACE = "workspace-1"


@pytest.fixture
def table() -> Iterator[Table]:
    with empty_cloud():
        yield Table("credits")


@pytest.fixture
def ledger(table: Table) -> Ledger:
    ledger = Ledger(table)
    ledger.grant(WORKSPACE, 100, "welcome")
    return ledger


def test_a_film_is_held_captured_piece_by_piece_and_the_rest_returns(ledger: Ledger) -> None:
    ledger.hold(WORKSPACE, "run-1", 70, run_id="run-1")
    assert ledger.account(WORKSPACE).available == 30
    ledger.capture(WORKSPACE, "run-1", 30, job_id="clip-1")
    ledger.capture(WORKSPACE, "run-1", 20, job_id="clip-2")
    assert ledger.account(WORKSPACE).model_dump() == {"balance": 50, "held": 20, "available": 30}
    assert ledger.close(WORKSPACE, "run-1", "posted") == "posted"
    assert ledger.account(WORKSPACE).model_dump() == {"balance": 50, "held": 0, "available": 50}


def test_grant_hold_and_capture_replayed_hours_later_post_nothing_twice(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.grant(WORKSPACE, 100, "welcome")
        ledger.hold(WORKSPACE, "h", 40, job_id="j")
        ledger.capture(WORKSPACE, "h", 40, job_id="j")
    assert ledger.account(WORKSPACE).model_dump() == {"balance": 60, "held": 0, "available": 60}


def test_an_id_used_with_another_amount_is_refused(ledger: Ledger) -> None:
    with pytest.raises(InvalidInput) as caught:
        ledger.grant(WORKSPACE, 99, "welcome")
    assert caught.value.code == "id_reused"


def test_too_few_credits_are_refused_with_both_numbers(ledger: Ledger) -> None:
    with pytest.raises(InsufficientCredits) as caught:
        ledger.hold(WORKSPACE, "h", 101)
    assert (caught.value.required, caught.value.available) == (101, 100)
    with pytest.raises(InsufficientCredits):
        ledger.hold("a workspace that never had credits", "h", 1)


@pytest.mark.parametrize("amount", [0, -5])
def test_nothing_and_less_can_be_neither_granted_nor_held(ledger: Ledger, amount: int) -> None:
    with pytest.raises(InvalidInput):
        ledger.grant(WORKSPACE, amount, "g")
    with pytest.raises(InvalidInput):
        ledger.hold(WORKSPACE, "h", amount)


def test_captures_never_pass_the_hold(ledger: Ledger) -> None:
    ledger.hold(WORKSPACE, "h", 10)
    ledger.capture(WORKSPACE, "h", 6, job_id="a")
    with pytest.raises(ConditionFailed):
        ledger.capture(WORKSPACE, "h", 5, job_id="b")


def test_the_second_closing_has_a_specific_result(ledger: Ledger) -> None:
    ledger.hold(WORKSPACE, "h", 10)
    assert ledger.close(WORKSPACE, "h", "voided") == "voided"
    assert ledger.close(WORKSPACE, "h", "voided") == "voided"
    with pytest.raises(HoldClosed) as caught:
        ledger.close(WORKSPACE, "h", "posted")
    assert caught.value.code == "already_voided"
    with pytest.raises(HoldClosed):
        ledger.capture(WORKSPACE, "h", 1, job_id="late")
    with pytest.raises(HoldNotFound):
        ledger.close(WORKSPACE, "never", "voided")


def test_what_was_delivered_stays_paid_when_a_hold_is_voided(ledger: Ledger) -> None:
    ledger.hold(WORKSPACE, "h", 10)
    ledger.capture(WORKSPACE, "h", 4, job_id="a")
    assert ledger.close(WORKSPACE, "h", "voided") == "posted"
    assert ledger.account(WORKSPACE).model_dump() == {"balance": 96, "held": 0, "available": 96}


def test_expiry_moves_forward_only(ledger: Ledger) -> None:
    ledger.hold(WORKSPACE, "h", 10, expires_at_seconds=2_000)
    ledger.renew(WORKSPACE, "h", 3_000)
    ledger.renew(WORKSPACE, "h", 1_000)
    hold = ledger.find_hold(WORKSPACE, "h")
    assert hold is not None
    assert hold.expires_at == 3_000


def test_a_transaction_carries_the_callers_own_write_or_nothing(
    ledger: Ledger, table: Table
) -> None:
    row = {"pk": "job", "sk": "job", "state": "queued"}
    write = table.put_write(row, "attribute_not_exists(pk)")
    ledger.hold(WORKSPACE, "h", 10, with_writes=[write])
    assert table.get("job", "job") == row
    with pytest.raises(ConditionFailed):
        ledger.hold(WORKSPACE, "other", 10, with_writes=[write])
    assert ledger.account(WORKSPACE).held == 10


def test_the_daily_cap_counts_what_is_held_and_forgets_what_returns(table: Table) -> None:
    ledger = Ledger(table, daily_cap_credits=50)
    ledger.grant(WORKSPACE, 500, "welcome")
    ledger.hold(WORKSPACE, "a", 40)
    with pytest.raises(SpendCapReached) as caught:
        ledger.hold(WORKSPACE, "b", 11)
    assert (caught.value.status, caught.value.code) == (429, "daily_spend_cap")
    assert 0 < caught.value.retry_after_seconds <= 86_400
    assert ledger.account(WORKSPACE).held == 40
    ledger.capture(WORKSPACE, "a", 30, job_id="clip")
    ledger.close(WORKSPACE, "a", "posted")
    ledger.hold(WORKSPACE, "b", 20)
    with pytest.raises(SpendCapReached):
        ledger.hold(WORKSPACE, "c", 1)


def test_fifty_at_once_on_a_balance_for_three(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The in-process double is not atomic under threads; the lock stands for isolation."""
    lock, call = Lock(), dynamo._call

    def locked(operation: str, **request: Any) -> Any:
        with lock:
            return call(operation, **request)

    monkeypatch.setattr(dynamo, "_call", locked)

    def attempt(number: int) -> bool:
        try:
            ledger.hold(WORKSPACE, f"h{number}", 30)
        except InsufficientCredits:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        held = sum(pool.map(attempt, range(50)))
    assert held == 3
    assert ledger.account(WORKSPACE).available == 10


class Histories(RuleBasedStateMachine):
    """Arbitrary orders of all movements, replays included, against a model in plain arithmetic."""

    def __init__(self) -> None:
        super().__init__()
        self.cloud = empty_cloud()
        self.cloud.__enter__()
        self.ledger = Ledger(Table("credits"))
        self.granted: dict[str, int] = {}
        self.holds: dict[str, list[int]] = {}
        self.closed: dict[str, str] = {}
        self.jobs: dict[str, int] = {}

    def teardown(self) -> None:
        self.cloud.__exit__(None, None, None)

    @rule(grant=st.sampled_from("abc"), amount=st.integers(1, 50))
    def grant(self, grant: str, amount: int) -> None:
        amount = self.granted.setdefault(grant, amount)
        self.ledger.grant(WORKSPACE, amount, grant)

    @rule(hold=st.sampled_from("rst"), amount=st.integers(1, 60))
    def hold(self, hold: str, amount: int) -> None:
        amount = self.holds[hold][0] if hold in self.holds else amount
        try:
            self.ledger.hold(WORKSPACE, hold, amount)
        except InsufficientCredits:
            assert amount > self.available
        else:
            self.holds.setdefault(hold, [amount, 0])

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), job=st.sampled_from("uvwx"), amount=st.integers(1, 40))
    def capture(self, data: st.DataObject, job: str, amount: int) -> None:
        hold = data.draw(st.sampled_from(sorted(self.holds)))
        amount = self.jobs.get(job, amount)
        try:
            self.ledger.capture(WORKSPACE, hold, amount, job_id=job)
        except HoldClosed:
            assert hold in self.closed
        except ConditionFailed:
            assert self.holds[hold][1] + amount > self.holds[hold][0]
        else:
            if job not in self.jobs:
                self.jobs[job] = amount
                self.holds[hold][1] += amount

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), outcome=st.sampled_from(["posted", "voided", "expired"]))
    def close(self, data: st.DataObject, outcome: Any) -> None:
        hold = data.draw(st.sampled_from(sorted(self.holds)))
        try:
            final = self.ledger.close(WORKSPACE, hold, outcome)
        except HoldClosed:
            assert self.closed[hold] != outcome
        else:
            assert self.closed.setdefault(hold, final) == final

    @property
    def available(self) -> int:
        still_open = [hold for hold in self.holds if hold not in self.closed]
        return self.balance - sum(self.holds[h][0] - self.holds[h][1] for h in still_open)

    @property
    def balance(self) -> int:
        return sum(self.granted.values()) - sum(self.jobs.values())

    @invariant()
    def money_adds_up(self) -> None:
        account = self.ledger.account(WORKSPACE)
        assert account.balance == self.balance
        assert account.balance == sum(e.amount for e in self.ledger.entries(WORKSPACE))
        assert account.available == self.available >= 0
        assert account.held == sum(hold.remaining for hold in self.ledger.open_holds(WORKSPACE))


TestHistories = pytest.mark.histories(Histories.TestCase)
TestHistories.settings = settings(HISTORIES, stateful_step_count=25)


def test_account_and_holds_are_read_as_of_one_moment(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hold that came between the two reads made Σ holds ≠ held."""
    ledger.hold(WORKSPACE, "first", 20, job_id="first")
    account, moved = Ledger.account, []

    def moving(self: Ledger, workspace_id: str) -> Any:
        if not moved:
            moved.append(self.hold(workspace_id, "second", 30, job_id="second"))
        return account(self, workspace_id)

    monkeypatch.setattr(Ledger, "account", moving)
    told, holds = ledger.snapshot(WORKSPACE)
    assert sorted(hold.id for hold in holds) == ["first", "second"]
    assert sum(hold.remaining for hold in holds) == told.held == 50


def test_an_account_that_never_agrees_is_a_transient_error(
    ledger: Ledger, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    row = table.get(WORKSPACE, "account")
    assert row is not None
    table.put(row | {"available": 99})
    with pytest.raises(Transient):
        ledger.snapshot(WORKSPACE)


def test_open_holds_whose_time_is_over_are_found_until_they_are_closed(ledger: Ledger) -> None:
    ledger.hold(WORKSPACE, "old", 20, job_id="j", expires_at_seconds=1)
    ledger.hold(WORKSPACE, "older", 20, job_id="k", expires_at_seconds=1)
    ledger.hold(WORKSPACE, "new", 20, job_id="l")
    assert expired(ledger) == ["old", "older"]
    assert ledger.close(WORKSPACE, "old", "expired") == "expired"
    assert expired(ledger) == ["older"]


def expired(ledger: Ledger) -> list[str]:
    rows = (row for shard in DUE_SHARDS for row in ledger.expired_page(shard, None)[0])
    return sorted(hold_of(row).id for row in rows)
