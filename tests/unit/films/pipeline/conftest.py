"""A runs table in this process, and plans to work on."""

from collections.abc import Iterator

import pytest

from showreel.core.dynamo import Table, transact
from showreel.films.pipeline import context, progress, transitions
from showreel.films.pipeline.pieces import Pieces
from showreel.films.pipeline.plan import FilmPlan
from showreel.films.pipeline.view import film_view
from showreel.runs.models import Run
from showreel.runs.store import Runs
from tests.support.cloud import empty_cloud
from tests.unit.films.pipeline.support import RUN, make_run


@pytest.fixture
def table() -> Iterator[Table]:
    with empty_cloud():
        yield Table("runs")


@pytest.fixture
def runs(table: Table) -> Runs:
    return Runs(table, film_view)


@pytest.fixture
def run(runs: Runs) -> Run:
    run = make_run()
    transact(runs.create_writes(run))
    return run


@pytest.fixture
def wired(table: Table, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> Pieces:
    """The pipeline's own context, over this table."""
    for module in (transitions, progress):
        monkeypatch.setattr(module, "context", context)
    monkeypatch.setattr(context, "runs_table", lambda: table)
    return Pieces(table, RUN)


def store_plan(pieces: Pieces, plan: FilmPlan) -> None:
    transact([pieces.plan_write(plan)])
