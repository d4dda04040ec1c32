"""Exports: one at a time, from a preflight to a film, with 12 credits that are paid or returned."""

from typing import Any

import pytest

from showreel.core.clock import now_seconds
from showreel.core.dynamo import Table
from showreel.core.errors import IdempotencyMismatch, InsufficientCredits, MediaError
from showreel.credits.ledger import ledger
from showreel.cuts import context, service
from showreel.cuts.exports import Exports
from showreel.cuts.schemas import DirectorCutRequest
from showreel.cuts.steps import end_cut, make_piece
from showreel.cuts.store import CutStore
from showreel.runs import lifecycle, reconcile
from showreel.runs.sweep import Round
from tests.unit.cuts.world import ARN, World
from tests.unit.films.support import BASE, EVE, WORKSPACE, fault, rows
from tests.unit.storyboards.support import PROJECT

CROSSFADE = {"transitions": {"type": "crossfade", "durationMs": 500}}


def blocking(here: World, **fields: Any) -> tuple[str | None, str | None]:
    told = here.sync(**fields)
    assert told.can_export == (told.blocking_reason is None)
    return told.blocking_code, told.blocking_reason


def test_why_a_storyboard_can_not_be_exported_in_order(here: World) -> None:
    assert blocking(here) == ("no_shots", "The project has no ordered shots.")
    first = here.shot()
    assert blocking(here) == (
        "missing_shots",
        "1 ordered shot is missing an image or video.",
    )
    here.shot()
    here.shot()
    assert blocking(here)[1] == "3 ordered shots are missing an image or video."
    assert blocking(here, allowPartial=True)[0] == "no_visuals"
    here.show(first.id, "image")
    assert blocking(here, allowPartial=True) == (None, None)
    here.change(rows=[{"id": first.id, "included": False}])
    assert blocking(here, allowPartial=True)[0] == "no_visuals"


def test_a_create_that_is_blocked_holds_nothing(here: World, cloud: Table) -> None:
    here.shot(image=None)
    lost = here.shot()
    told = fault(here.begin)
    assert (told.status, told.code) == (409, "preflight_failed")
    assert told.message == "1 ordered shot is missing an image or video."
    assert told.details["error"] == "DIRECTOR_CUT_PREFLIGHT_FAILED"
    assert told.details["summary"]["missingShotDetails"] == [
        {
            "shotId": lost.id,
            "sceneId": lost.scene_id,
            "sceneNumber": 1,
            "shotNumber": 2,
            "reason": "not_generated",
            "imageStatus": "pending",
            "videoStatus": "pending",
        }
    ]
    assert here.money() == (100, 100)
    assert rows(Table("runs")) == []


def test_letters_that_can_not_be_drawn_are_refused_before_anything_is_held(here: World) -> None:
    plain, foreign = here.shot(image=None), here.shot(image=None)
    here.store.change_shot(plain, {"dialogue": "Żółć! ♪"})
    here.store.change_shot(foreign, {"dialogue": "東京 at last"})
    burned = {"settings": {"captions": "burned"}}
    warned = [one.model_dump() for one in here.sync(**burned).caption_warnings]
    assert [(one["shot_id"], one["characters"], one["refused"]) for one in warned] == [
        (plain.id, "♪", False),
        (foreign.id, "東京", True),
    ]
    told = fault(lambda: here.begin(**burned))
    assert (told.status, told.code) == (400, "caption_characters")
    assert [one["field"] for one in told.details["details"]] == [f"rows.{foreign.id}.caption"]
    assert here.money() == (100, 100)
    assert here.sync(settings={"captions": "sidecar"}).caption_warnings == []
    here.change(rows=[{"id": foreign.id, "caption": "Tokyo at last"}])
    begun = here.begin(settings={"captions": "both"})
    assert begun.summary is not None
    assert [one.characters for one in begun.summary.caption_warnings] == ["♪"]
    assert {"vttUrl", "srtUrl", "posterUrl"} < here.finish(begun.job_id).output.keys()


def test_a_partial_export_says_what_is_missing(here: World) -> None:
    here.shot(image=None)
    lost = here.shot()
    begun = here.begin(allowPartial=True)
    assert begun.summary is not None
    assert begun.summary.missing_shots == 1
    state = here.finish(begun.job_id)
    assert [one.shot_id for one in state.missing_shot_details] == [lost.id]
    assert state.output["missingShots"] == 1


def test_an_export_from_create_to_its_end(here: World) -> None:
    for _ in range(2):
        here.shot(video=5.0)
    begun = here.begin(settings=CROSSFADE)
    documented = {"success", "status", "jobId", "progress", "provider", "fallbackUsed"}
    assert documented | {"providerStatus"} <= begun.model_dump(by_alias=True).keys()
    assert (begun.status, begun.progress, begun.provider_status) == ("processing", 5, "queued")
    assert here.calls[-1][1]["name"] == begun.job_id
    assert here.money() == (100, 88)
    state = here.finish(begun.job_id)
    assert (state.status, state.progress, state.error) == ("completed", 100, None)
    assert state.output_url is not None
    assert state.output_url.startswith(f"{BASE}/storage/v1/object/public/final-exports/")
    assert (state.output["frames"], state.output["durationSeconds"]) == (228, 9.5)
    assert (here.money(), state.credits_used) == ((88, 88), 12)


def test_progress_only_goes_forwards(here: World) -> None:
    for _ in range(3):
        here.shot(video=5.0)
    job = here.begin().job_id
    here.finish(job)
    told = [event.data["progress"]["progress"] for event in here.on.runs.events(job)]
    assert told == sorted(told)
    assert {5, 30, 50, 70, 90, 95, 100} <= set(told)


def test_a_second_create_finds_the_first(here: World) -> None:
    here.shot(video=5.0)
    first, second = here.begin(), here.begin()
    assert (first.job_id, first.is_new) == (second.job_id, True)
    assert not second.is_new
    assert here.money() == (100, 88)


def test_of_two_creates_at_once_one_is_made(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    here.shot(video=5.0)
    begin_writes, jobs = CutStore.begin_writes, []

    def late(store: CutStore, *given: Any, **how: Any) -> Any:
        monkeypatch.setattr(CutStore, "begin_writes", begin_writes)
        jobs.append(here.begin().job_id)
        return begin_writes(store, *given, **how)

    monkeypatch.setattr(CutStore, "begin_writes", late)
    assert [here.begin().job_id] == jobs
    assert here.money() == (100, 88)


def test_a_create_finds_the_one_that_begins_while_it_looks(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.shot(video=5.0)
    latest, jobs = CutStore.latest, []

    def early(store: CutStore, project_id: str) -> Any:
        monkeypatch.setattr(CutStore, "latest", latest)
        found = latest(store, project_id)
        jobs.append(here.begin().job_id)
        return found

    monkeypatch.setattr(CutStore, "latest", early)
    assert [here.begin().job_id] == jobs
    assert here.money() == (100, 88)


def test_the_same_key_is_the_same_export(here: World) -> None:
    here.shot(video=5.0)
    first = here.begin(key="k")
    here.finish(first.job_id)
    assert here.begin(key="k").job_id == first.job_id
    with pytest.raises(IdempotencyMismatch):
        here.begin(key="k", settings={"fps": 30})
    assert here.begin(key="other").job_id != first.job_id


def test_without_credits_nothing_begins(here: World) -> None:
    here.shot(video=5.0)
    ledger().hold(WORKSPACE, "other work", 96)
    told = fault(here.begin)
    assert isinstance(told, InsufficientCredits)
    assert (told.required, told.available) == (12, 4)


def test_transitions_are_made_when_both_neighbours_are_there_and_once(here: World) -> None:
    for _ in range(3):
        here.shot(video=5.0)
    job = here.begin(settings=CROSSFADE).job_id
    here.load(job)
    here.piece(job, 0)
    here.piece(job, 2)
    assert not any(made.startswith("transition") for made in here.made)
    here.piece(job, 1)
    transitions = [made for made in here.made if made.startswith("transition")]
    assert len(transitions) == 2
    here.piece(job, 0)
    assert [made for made in here.made if made.startswith("transition")] == transitions


def test_a_step_that_is_repeated_makes_its_own_transition_again(here: World) -> None:
    for _ in range(2):
        here.shot(video=5.0)
    job = here.begin(settings=CROSSFADE).job_id
    for index in (0, 1, 1):
        here.piece(job, index)
    assert sum(made.startswith("transition") for made in here.made) == 2


def test_a_file_that_can_not_be_used_ends_the_export_and_returns_its_credits(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.shot(video=5.0)

    def broken(*_: Any) -> None:
        raise MediaError("damaged", code="media_damaged")

    monkeypatch.setattr(make_piece, "normalise", broken)
    job = here.begin().job_id
    here.load(job)
    assert fault(lambda: here.piece(job, 0)).code == "media_damaged"
    here.on.release(job, "MediaError")
    state = here.status(job)
    assert (state.status, state.error_code) == ("failed", "media_damaged")
    assert state.error == "The video of scene 1, shot 1 can't be used"
    assert (here.money(), state.credits_used) == ((100, 100), 0)


def failed_export(here: World) -> str:
    job = here.begin(settings={"resolution": "720p"}).job_id
    here.load(job)
    here.on.release(job, "Unknown")
    return job


def test_a_retry_is_a_new_job_of_the_existing_timeline(here: World) -> None:
    shot = here.shot(video=5.0)
    job = failed_export(here)
    here.change(rows=[{"id": shot.id, "durationMs": 2000}])
    again = here.begin("retry")
    assert (again.retry_of, again.job_id != job) == (job, True)
    state = here.finish(again.job_id)
    assert (state.status, state.retry_of, state.output["frames"]) == ("completed", job, 48)
    assert here.run(again.job_id).options["settings"]["resolution"] == "720p"
    assert here.begin("retry").retry_of is None


def test_a_retry_while_one_is_made_is_a_conflict(here: World) -> None:
    here.shot(video=5.0)
    job = here.begin().job_id
    told = fault(lambda: here.begin("retry"))
    assert (told.status, told.code, told.details) == (409, "run_active", {"jobId": job})


def test_a_retry_of_an_old_timeline_is_blocked(here: World) -> None:
    here.shot(video=5.0)
    failed_export(here)
    here.shot(video=5.0)
    told = fault(lambda: here.begin("retry"))
    assert told.details["summary"]["blockingCode"] == "stale_timeline"
    here.sync()
    assert here.begin("retry").is_new


def test_a_canceled_export_returns_its_credits(here: World) -> None:
    here.shot(video=5.0)
    job = here.begin().job_id
    here.load(job)
    here.on.cancel(here.run(job))
    state = here.status(job)
    assert (state.status, state.error_code, state.output_url) == ("failed", "canceled", None)
    assert here.money() == (100, 100)
    assert fault(lambda: here.piece(job, 0)).code == "run_over"
    assert fault(lambda: here.finalize(job)).code == "run_over"
    assert here.begin().is_new


def test_what_was_paid_when_an_export_is_canceled_is_delivered(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.shot(video=5.0)
    job = here.begin().job_id
    here.load(job)
    here.piece(job, 0)

    def killed(_arn: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(end_cut, "cut_runs", killed)
        with pytest.raises(KeyboardInterrupt):
            here.finalize(job)
    here.on.cancel(here.run(job))
    state = here.status(job)
    assert (here.money(), state.credits_used) == ((88, 88), 12)
    assert state.output_url is not None


def test_a_finalize_that_was_killed_is_done_again_and_paid_once(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.shot(video=5.0)
    job = here.begin().job_id
    here.load(job)
    here.piece(job, 0)
    with monkeypatch.context() as patch:
        patch.setattr(end_cut, "cut_runs", lambda _arn: None)
        with pytest.raises(AttributeError):
            here.finalize(job)
    here.finalize(job)
    here.finalize(job)
    assert (here.status(job).status, here.money()) == ("completed", (88, 88))


def test_an_export_whose_project_is_deleted_ends(here: World) -> None:
    here.shot(video=5.0)
    job = here.begin().job_id
    here.load(job)
    here.store.table.delete(f"storyboard#{PROJECT}", "cut#active")
    here.store.table.delete(f"storyboard#{PROJECT}", f"cut#export#{job}")
    here.on.cancel(here.run(job))
    assert here.status(job).status == "failed"


def test_an_export_that_nobody_finishes_ends_at_its_limit(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.shot(video=5.0)
    job = here.begin().job_id
    here.load(job)
    limit = here.run(job).deadline_at or 0
    assert limit <= now_seconds() + 1800 + 4 * 5
    for module in (lifecycle, reconcile):
        monkeypatch.setattr(module, "now_seconds", lambda: limit + 1)
    reconcile.reconcile(here.on, Round(here.on.table, lambda: 60))
    state = here.status(job)
    assert (state.status, state.error_code, here.money()) == ("failed", "timed_out", (100, 100))


def test_exports_wait_for_a_free_place(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNS_GLOBAL", "1")
    here.shot(video=5.0)
    first = here.begin().job_id
    with monkeypatch.context() as patch:
        patch.setattr(CutStore, "latest", lambda *_: (None, None))
        patch.setattr(CutStore, "begin_writes", lambda *_, **__: [])
        waiting = here.begin()
    assert (waiting.status, here.status(waiting.job_id).queue_position) == ("pending", 1)
    here.finish(first)
    assert here.status(waiting.job_id).status == "processing"


def test_a_long_plan_is_read_as_it_was_written(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("showreel.cuts.exports.PART_LENGTH", 100)
    here.shot(video=5.0)
    job = here.begin().job_id
    plan = context.exports().plan(job)
    assert plan.job_id == job
    assert len(list(Exports(context.runs_table()).plan_writes(plan))) > 5


def test_strangers_find_no_export(here: World) -> None:
    here.shot(video=5.0)
    job = here.begin().job_id
    for job_id in (job, "nobodys"):
        request = DirectorCutRequest.model_validate({"action": "status", "jobId": job_id})
        told = fault(lambda: service.act(here.boards, EVE, request, None, BASE, ARN))  # noqa: B023
        assert (told.status, told.message) == (404, "Export job not found")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"action": "destroy"}, "action"),
        ({"action": "create"}, "projectId is required"),
        ({"action": "status", "projectId": "p"}, "jobId is required"),
        ({"action": "create", "projectId": "p", "settings": {"fps": 5}}, "fps"),
        ({"action": "create", "projectId": "p", "settings": {"codec": "av1"}}, "codec"),
        ({"action": "create", "projectId": "p", "settings": {"captions": "burnt"}}, "captions"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(body: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DirectorCutRequest.model_validate(body)
