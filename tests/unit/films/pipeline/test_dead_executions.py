"""Runs whose execution died, and places nobody frees: the sweep finds them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from showreel.core.backoff import REVIVAL_PAUSES
from showreel.core.clock import now_seconds
from showreel.core.errors import Transient
from showreel.credits.ledger import ledger
from showreel.films.pipeline.kind import FILMS
from showreel.films.pipeline.trigger import Options, trigger_video
from showreel.runs import executions, lifecycle
from showreel.runs.models import Run
from showreel.runs.queue import Queue
from showreel.runs.reconcile import ExecutionEnded, execution_ended, reconcile
from showreel.runs.sweep import Round
from tests.support.cloud import empty_cloud
from tests.unit.films.pipeline.world import ARN, World, world
from tests.unit.films.support import BASE, WORKSPACE


@pytest.fixture
def here() -> Iterator[World]:
    with empty_cloud(), world(1) as here:
        yield here


def queued(here: World) -> Run:
    """A run with a place, whose execution hasn't taken its first step."""
    return trigger_video(here.film(), Options(), BASE, ARN).run


def sweep(here: World) -> None:
    reconcile(here.on, Round(here.on.table, lambda: 60.0))


def dead(seconds: int = 60) -> dict[str, object]:
    return {"status": "ABORTED", "stopDate": datetime.now(UTC) - timedelta(seconds=seconds)}


def started(here: World) -> list[str]:
    return [request["name"] for call, request in here.calls if call == "start_execution"]


def ended(name: str) -> ExecutionEnded:
    machine = "arn:aws:states:eu-central-1:123456789012:stateMachine:stack-video-pipeline"
    detail = {"name": name, "stateMachineArn": machine, "status": "ABORTED"}
    return ExecutionEnded.model_validate({"detail": detail})


def check_nothing_is_taken(here: World) -> None:
    assert not here.on.queue(FILMS).placed()
    assert ledger().account(WORKSPACE).held == 0


def test_a_queued_run_whose_execution_died_is_started_again_by_the_sweep(here: World) -> None:
    run = queued(here)
    here.describe = lambda _name: dead()
    sweep(here)
    assert started(here)[-1] == f"{run.id}.1"
    assert here.on.start(run.id, "Begins").status == "running"


def test_one_that_has_just_died_is_left_to_its_event(here: World) -> None:
    run = queued(here)
    here.describe = lambda _name: dead(seconds=5)
    sweep(here)
    assert here.run().restarts == 0
    execution_ended(here.on, ended(run.id))
    execution_ended(here.on, ended(run.id))
    assert (here.run().restarts, started(here)[-1]) == (1, f"{run.id}.1")


def test_one_that_never_began_is_started_under_its_name(here: World) -> None:
    run = queued(here)
    here.describe = lambda _name: None
    sweep(here)
    assert started(here) == [run.id, run.id]


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lets so many seconds pass for the life of runs."""
    passed = [0]
    monkeypatch.setattr(lifecycle, "now_seconds", lambda: now_seconds() + passed[0])

    def wait(seconds: int) -> None:
        passed[0] += seconds

    return wait


def test_ten_minutes_in_which_each_dies_at_once_lose_no_run(
    here: World, passing: Callable[[int], None]
) -> None:
    """Each death is an event, and the sweep looks too."""
    queued(here)
    here.describe = lambda _name: dead()
    for _ in range(10):
        for _ in range(3):
            execution_ended(here.on, ended(here.run().execution_name))
        sweep(here)
        passing(60)
    assert here.run().status == "queued"
    assert here.run().restarts <= 6
    here.describe = lambda _name: {"status": "RUNNING"}
    assert here.on.start(here.run().id, "Begins").status == "running"


def test_a_trigger_is_accepted_while_step_functions_is_out(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is written with its hold; the next sweep starts it."""

    def out(*_: object, **__: object) -> None:
        raise Transient("Step Functions: ServiceUnavailable")

    with monkeypatch.context() as patch:
        patch.setattr(executions, "call_states", out)
        made = trigger_video(here.film(), Options(), BASE, ARN)
    assert (made.is_new, made.run.status, started(here)) == (True, "queued", [])
    here.describe = lambda _name: None
    sweep(here)
    assert started(here) == [made.run.id]


def test_one_that_dies_for_hours_is_ended_and_frees_all(
    here: World, passing: Callable[[int], None]
) -> None:
    queued(here)
    here.describe = lambda _name: dead()
    for _ in REVIVAL_PAUSES:
        sweep(here)
        passing(600)
        assert here.run().status == "queued"
    sweep(here)
    assert here.run().status == "failed"
    check_nothing_is_taken(here)


def test_one_that_is_to_be_canceled_is_canceled_by_the_sweep(here: World) -> None:
    """Its cancel died after the first write, or was throttled."""
    run = queued(here)
    here.on.runs.change(run.id, lambda _: {"cancel_requested": True})
    sweep(here)
    assert here.run().status == "canceled"
    check_nothing_is_taken(here)


def test_a_cancel_whose_execution_is_reported_dead_meanwhile_cancels_each_job_once(
    here: World,
) -> None:
    """A cancel stops the execution, which is an event before the cancel is through."""
    run = here.trigger()
    canceled: list[str] = []

    def hears() -> None:
        canceled.append("job")
        if len(canceled) == 1:
            execution_ended(here.on, ended(run.execution_name))

    here.before_cancel = hears
    here.start("clip", 0)
    assert here.on.cancel(run).status == "canceled"
    assert canceled == ["job"]
    check_nothing_is_taken(here)


def test_a_running_one_whose_execution_died_is_ended(here: World) -> None:
    here.trigger()
    here.describe = lambda _name: dead()
    sweep(here)
    assert here.run().status == "failed"
    check_nothing_is_taken(here)


@pytest.mark.parametrize("by_event", [True, False])
def test_the_place_of_a_run_that_is_over_is_freed(
    here: World, monkeypatch: pytest.MonkeyPatch, by_event: bool
) -> None:
    """Whoever ended it died before its place was free; no other run of the workspace is active."""
    run = here.trigger()
    with monkeypatch.context() as patch:
        patch.setattr(Queue, "leave", lambda *_: None)
        here.on.cancel(run)
    assert here.on.queue(FILMS).placed() == {run.id}
    if by_event:
        execution_ended(here.on, ended(run.id))
    else:
        sweep(here)
    check_nothing_is_taken(here)
