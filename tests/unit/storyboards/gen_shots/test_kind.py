"""A run of shots that stops by itself: its execution dies, its time is over, its clean-up comes.
What has a text is kept and paid, the rest goes with its numbers, and its reader hears.
"""

from collections.abc import Callable

import pytest

from showreel.core import clock
from showreel.core.dynamo import Table
from showreel.runs import executions
from showreel.runs.models import Run
from showreel.runs.reconcile import Detail, ExecutionEnded, execution_ended, reconcile
from showreel.runs.service import run_events
from showreel.runs.sweep import Round
from showreel.storyboards.gen_shots.kind import LIMIT_SECONDS, shot_runs
from showreel.storyboards.gen_shots.slots import may_ask
from tests.unit.storyboards.gen_shots.support import ARN, Killed, Studio, answer, words


def half_written(studio: Studio) -> Run:
    """A run whose process was killed while it wrote the third of four shots."""
    run = studio.begin(shotCount=4).run
    text = answer(1, 2, 3, 4)
    at = text.index('"camera"', text.index("thing 3"))
    studio.model.scripts = [[*words(text[:at]), Killed()]]
    with pytest.raises(Killed):
        studio.write(run)
    return studio.run(run.id)


def execution_died(run: Run) -> None:
    machine = "arn:aws:states:eu-central-1:123456789012:stateMachine:showreel-gen-shots"
    detail = Detail(name=run.execution_name, stateMachineArn=machine, status="FAILED")
    assert execution_ended(shot_runs(ARN), ExecutionEnded(detail=detail))


def swept(_: Run) -> None:
    reconcile(shot_runs(ARN), Round(Table("runs"), lambda: 60))


def sweep_late(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "showreel.runs.reconcile.now_seconds", lambda: clock.now_seconds() + LIMIT_SECONDS + 1
    )
    swept(run)


@pytest.mark.parametrize("end", [execution_died, swept])
def test_what_was_written_is_kept_and_the_reader_hears(
    studio: Studio, end: Callable[[Run], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = half_written(studio)
    monkeypatch.setattr(executions.Executions, "has_ended", lambda *_, **__: True)
    end(run)
    assert studio.run(run.id).status == "failed"
    assert [(shot.title, shot.status) for shot in studio.shots()] == [
        ("Shot 1", "ready"),
        ("Shot 2", "ready"),
        ("Shot 3", "ready"),
    ]
    assert all(shot.image.status == "prompt_ready" for shot in studio.shots())
    assert (studio.spent, studio.held) == (2, 0)
    name, told = studio.events(run)[-1][1:]
    assert (name, told["code"], told["credits"]) == ("error", "internal_error", 2)
    assert studio.begin(request_id="two", shotCount=1).run.state["shots"][0]["number"] == 4


def test_a_run_beyond_its_time_ends(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    run = half_written(studio)
    assert may_ask(run)
    monkeypatch.setattr(executions.Executions, "has_ended", lambda *_, **__: False)
    sweep_late(run, monkeypatch)
    assert studio.run(run.id).status == "timed_out"
    assert studio.events(run)[-1][2]["code"] == "timed_out"
    assert studio.held == 0


def test_its_time_does_not_end_a_run_that_waits_for_our_own_writes(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = studio.begin(shotCount=1).run
    text = answer(1)
    studio.model.scripts = [[text[: text.index('"camera"')], Killed()]]
    with pytest.raises(Killed):
        studio.write(run)
    monkeypatch.setattr(executions.Executions, "has_ended", lambda *_, **__: False)
    sweep_late(studio.run(run.id), monkeypatch)
    assert studio.write(run).status == "completed"


def test_an_execution_that_died_before_its_first_step_has_a_successor(studio: Studio) -> None:
    run = studio.begin(shotCount=1).run
    execution_died(studio.run(run.id))
    assert studio.started[-1] == f"{run.id}.1"
    assert studio.write(run).status == "completed"
    execution_died(studio.run(run.id))
    assert studio.run(run.id).status == "completed"


def test_a_run_that_never_starts_leaves_nothing(studio: Studio) -> None:
    run = studio.begin(shotCount=2).run
    shot_runs(ARN).cancel(run)
    assert studio.shots() == []
    assert (studio.spent, studio.held) == (0, 0)
    assert studio.write(run).status == "canceled"
    assert studio.model.asked == []


def test_the_run_is_read_and_followed_as_any_other(studio: Studio) -> None:
    run = studio.made(shotCount=2)
    shown = shot_runs(ARN).shown(run).model_dump(by_alias=True)
    assert (shown["status"], shown["requestId"]) == ("completed", "one")
    assert shown["output"]["total"] == 2
    assert shown["output"]["shotIds"] == [shot.id for shot in studio.shots()]
    assert shown["credits"] == {"held": 1, "posted": 1, "released": 0}
    frames = list(run_events(shot_runs(ARN), run, 0, deadline=0.0))
    assert frames[-1].startswith(b"event: end")


def test_runs_that_wait_start_when_one_ends(studio: Studio) -> None:
    limit = shot_runs(ARN).kinds[0].limits.per_workspace
    runs = [studio.begin(request_id=str(n), shotCount=1).run for n in range(limit + 1)]
    assert studio.started.count(runs[-1].id) == 0
    studio.write(runs[0])
    assert studio.started.count(runs[-1].id) == 1
