"""Holds whose time is over: they return, unless their work goes on."""

import pytest

from showreel.core.clock import now_seconds
from showreel.core.dynamo import Table
from showreel.generation import engine as engines
from showreel.generation import holds
from showreel.generation.holds import expire_due
from showreel.generation.service import create_job
from showreel.runs.sweep import RESERVE_SECONDS, Round
from tests.unit.films.pipeline.support import make_run
from tests.unit.generation.support import GRANT, WORKSPACE, ledger_is_sound, request


@pytest.fixture
def hold(engine):
    """Makes a hold whose time is over."""
    engines.jobs.cache_clear()

    def make(hold_id, amount=40, **of):
        engine.ledger.hold(WORKSPACE, hold_id, amount, expires_at_seconds=1, **of)

    yield make
    engines.jobs.cache_clear()


def look(engine, hold_id):
    expire_due(Round(Table("runs"), lambda: 60))
    ledger_is_sound(engine)
    return engine.ledger.find_hold(WORKSPACE, hold_id)


@pytest.mark.parametrize("of", [{"job_id": "gone"}, {"run_id": "gone"}])
def test_a_hold_of_nothing_expires(engine, hold, of):
    hold("h", **of)
    assert look(engine, "h").status == "expired"
    assert engine.ledger.account(WORKSPACE).available == GRANT


def test_what_was_captured_of_it_stays_paid(engine, hold):
    hold("h", run_id="gone")
    engine.ledger.capture(WORKSPACE, "h", 30, job_id="j")
    assert look(engine, "h").status == "posted"
    assert engine.ledger.account(WORKSPACE).balance == GRANT - 30


def test_the_hold_of_a_job_at_work_is_renewed(engine, hold):
    hold("job", job_id="job")
    create_job(engine, request(hold_id="job"))
    kept = look(engine, "job")
    assert kept.status == "open"
    assert kept.expires_at > now_seconds()


@pytest.mark.parametrize(("status", "outcome"), [("running", "open"), ("failed", "expired")])
def test_the_hold_of_a_run_lives_as_long_as_the_run(engine, hold, status, outcome):
    hold("run_1", run_id="run_1")
    run = make_run().model_copy(update={"status": status})
    Table("runs").put(run.model_dump(mode="json") | {"pk": run.id, "sk": "run"})
    assert look(engine, "run_1").status == outcome


def test_a_hold_that_cannot_be_read_keeps_no_other(engine, hold):
    for number in range(8):
        hold(f"h{number}", 1, job_id="gone")
    credits_table = Table("credits")
    credits_table.apply(credits_table.set_write(WORKSPACE, "hold#h3", {"amount": "rubbish"}))
    expire_due(Round(Table("runs"), lambda: 60))
    rows = credits_table.query_all("pk = :pk", values={":pk": WORKSPACE})
    left = [row["sk"] for row in rows if row.get("status") == "open"]
    assert left == ["hold#h3"]


def test_a_round_without_time_for_all_holds_goes_on_where_it_stopped(engine, hold, monkeypatch):
    """Each is looked at in its turn, and they are still due: their work goes on."""
    seen = []
    monkeypatch.setattr(holds, "expire", lambda one: seen.append(one.id))
    for number in range(9):
        hold(f"h{number}", 1, job_id="gone")
    for _ in range(3):
        budget = iter([*[RESERVE_SECONDS + 1] * 3, *[0.0] * 9])
        expire_due(Round(Table("runs"), lambda left=budget: next(left)))
    assert sorted(seen) == [f"h{number}" for number in range(9)]
