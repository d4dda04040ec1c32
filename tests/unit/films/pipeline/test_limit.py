"""A run's limit is for vendors: what only our own side keeps from its end isn't ended by it."""

from types import SimpleNamespace

import pytest

from showreel.core.backoff import OUTAGE_SECONDS
from showreel.core.clock import now_seconds
from showreel.core.dynamo import Table, transact
from showreel.films.pipeline import kind as module
from showreel.films.pipeline.kind import FilmRuns
from showreel.films.pipeline.pieces import PieceRow, Pieces
from showreel.generation.models import Job
from showreel.runs import reconcile
from showreel.runs.models import Run
from tests.unit.films.pipeline.support import RUN, make_plan, make_run

PLAN = make_plan(["crossfade"])


class Row(SimpleNamespace):
    """What a job's row tells of its time."""

    is_in_time = Job.is_in_time


def job(status: str, *, is_overdue: bool = True) -> Row:
    is_finished = status in {"completed", "failed", "canceled"}
    return Row(status=status, is_finished=is_finished, is_overdue=lambda _: is_overdue)


@pytest.fixture
def late(table: Table, monkeypatch: pytest.MonkeyPatch) -> Run:
    pieces = Pieces(table, RUN)
    transact([pieces.plan_write(PLAN)])
    pieces.put(PieceRow(kind="clip", index=0, status="done"))
    monkeypatch.setattr(module.context, "pieces", lambda _: pieces)
    changes = {"status": "running", "deadline_at": now_seconds() - 60}
    return make_run().model_copy(update=changes)


@pytest.mark.parametrize(
    ("other", "ends"),
    [
        (None, True),
        (job("queued"), True),
        (job("processing"), True),
        (job("processing", is_overdue=False), False),
        (job("storing"), False),
        (job("completed"), False),
    ],
)
def test_a_run_ends_at_its_limit_if_a_vendor_is_late(
    late: Run, monkeypatch: pytest.MonkeyPatch, other: Row | None, ends: bool
) -> None:
    """`storing`: the vendor has delivered, and S3 is out; `completed`: its clip is normalised, or
    the film compiled.
    """
    monkeypatch.setattr(module, "get_job", lambda _: other)
    assert reconcile._is_at_its_limit(late, FilmRuns()) is ends


def test_not_for_ever(late: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "get_job", lambda _: job("storing"))
    long_ago = {"deadline_at": now_seconds() - OUTAGE_SECONDS - 1}
    assert reconcile._is_at_its_limit(late.model_copy(update=long_ago), FilmRuns())


def test_before_its_limit_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FilmRuns, "waits_for_us", None)
    queued = make_run()
    running = queued.model_copy(update={"deadline_at": now_seconds() + 9})
    assert not reconcile._is_at_its_limit(queued, FilmRuns())
    assert not reconcile._is_at_its_limit(running, FilmRuns())
