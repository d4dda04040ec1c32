"""Films when things go wrong: nothing is paid twice, nothing is lost, every run ends."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from showreel.films.pipeline.plan import BUILTIN_MODEL
from tests.films.conftest import CLIP, TRANSITION, Studio
from tests.support.http import eventually
from tests.support.samples import first

pytestmark = pytest.mark.stack
PIPELINE = (
    "pipeline_load_project",
    "pipeline_start_clip",
    "pipeline_finish_clip",
    "pipeline_start_transition",
    "pipeline_finish_transition",
    "pipeline_compile_video",
    "pipeline_finalize_video",
    "generation_submit",
    "generation_await",
    "generation_collect",
)


def check_submissions(studio: Studio, expected: int) -> None:
    """I4: no attempt key was billed twice, and nothing was made in vain."""
    keys = [task["external_task_id"] for task in studio.vendor_tasks() if task["billable"]]
    assert len(keys) == len(set(keys)) == expected


@pytest.mark.parametrize(
    ("operation", "kills"),
    first(1, [("TransactWriteItems", 8), ("UpdateItem", 9), ("PutItem", 4)]),
)
def test_killed_at_the_very_write_every_step_goes_on(
    studio: Studio, operation: str, kills: int
) -> None:
    """Every function of the pipeline dies once, at its first write of a kind, after it counts."""
    project = studio.project(2)
    for function in PIPELINE:
        fault = {"service": "dynamodb", "operation": operation, "function": function}
        studio.break_call(**fault, action="kill", when="after", nth=1)
    run = studio.film(project)
    assert studio.broken_calls() >= kills
    assert run["output"]["missingClips"] == []
    check_submissions(studio, 3)
    assert studio.spent() == 2 * CLIP + TRANSITION


def test_lost_replies_of_the_trigger_make_one_run(studio: Studio) -> None:
    project = studio.project(1)
    fault = {"service": "dynamodb", "operation": "TransactWriteItems", "action": "drop_reply"}
    studio.break_call(**fault, function="trigger_video", nth=1)
    run = studio.ended(studio.trigger(project))
    assert run["status"] == "completed"
    check_submissions(studio, 1)
    assert studio.spent() == CLIP


def test_triggers_at_once_make_one_run(studio: Studio) -> None:
    project = studio.project(1, model=BUILTIN_MODEL)
    with ThreadPoolExecutor(6) as pool:
        runs = list(pool.map(lambda _: studio.trigger(project), range(6)))
    assert len(set(runs)) == 1
    assert studio.refused(
        "POST", "/api/trigger-video", {"videoProjectId": project, "draft": True}
    ) == (
        409,
        "run_active",
    )
    studio.ended(runs[0])
    assert studio.spent() == 1


def test_the_same_idempotency_key_starts_once_and_is_replayed(studio: Studio) -> None:
    project = studio.project(1, model=BUILTIN_MODEL)
    send: dict[str, Any] = {"headers": {"Idempotency-Key": "film-1"}}
    body = {"videoProjectId": project}
    first = studio.http.post("/api/trigger-video", json=body, **send)
    studio.ended(first.json()["runId"])
    again = studio.http.post("/api/trigger-video", json=body, **send)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    other = studio.http.post("/api/trigger-video", json=body | {"draft": True}, **send)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert studio.spent() == 1


def test_no_clips_and_no_credits_are_refused_before_anything_is_held(studio: Studio) -> None:
    empty = studio.project(0)
    answer = studio.http.post("/api/trigger-video", json={"videoProjectId": empty})
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("Add at least one clip")
    dear = studio.project(20, "seamless", model="kling-v2.6-pro")
    answer = studio.http.post("/api/trigger-video", json={"videoProjectId": dear})
    assert answer.status_code == 402
    told = answer.json()
    assert (told["required"], told["available"], told["code"]) == (
        1170,
        1000,
        "insufficient_credits",
    )
    assert told["top_up_url"].startswith("http")
    assert studio.credits()["held"] == 0
    assert studio.show(dear)["status"] == "draft"
    assert studio.vendor_tasks() == []


def test_a_refused_clip_is_left_out_and_said(studio: Studio) -> None:
    studio.spoil("poll", "content_policy", prompt="view 1")
    project = studio.project(3)
    run = studio.film(project)
    clips = studio.show(project)["clips"]
    missing = [{"clipId": clips[1]["id"], "reason": "content_policy"}]
    assert run["output"]["missingClips"] == studio.show(project)["missingClips"] == missing
    assert [clip["status"] for clip in clips] == ["completed", "failed", "completed"]
    assert [transition["kind"] for transition in run["output"]["transitions"]] == ["cut", "cut"]
    assert run["output"]["frames"] == 240
    assert run["credits"] == {"held": 150, "posted": 60, "released": 90}
    assert studio.spent() == 2 * CLIP


def test_without_partial_films_a_refused_clip_fails_the_film(studio: Studio) -> None:
    studio.spoil("poll", "content_policy", prompt="view 1")
    project = studio.project(2, "cut")
    run = studio.ended(studio.trigger(project, allowPartial=False))
    assert (run["status"], run["error"]["code"]) == ("failed", "clips_failed")
    shown = studio.show(project)
    assert (shown["status"], shown["errorMessage"]) == ("failed", run["error"]["message"])
    assert studio.spent() == CLIP
    fixed = studio.film(project)
    assert fixed["output"]["reusedClips"] == 1
    assert studio.show(project)["errorMessage"] is None
    assert studio.spent() == 2 * CLIP


def test_all_clips_refused_costs_nothing(studio: Studio) -> None:
    studio.spoil("submit", "content_policy", count=2)
    run = studio.ended(studio.trigger(studio.project(2)))
    assert (run["status"], run["error"]["code"]) == ("failed", "clips_failed")
    assert run["credits"] == {"held": 90, "posted": 0, "released": 90}
    assert studio.spent() == 0


def test_a_failed_transition_becomes_a_crossfade(studio: Studio) -> None:
    studio.spoil("submit", "content_policy", prompt="One continuous camera move")
    run = studio.film(studio.project(2))
    transition = run["output"]["transitions"][0]
    assert (transition["kind"], transition["requested"], transition["reason"]) == (
        "crossfade",
        "seamless",
        "content_policy",
    )
    assert run["output"]["frames"] == 240 - 12
    assert studio.spent() == 2 * CLIP


@pytest.mark.parametrize("fault", first(1, ["corrupt", "html", "truncated"]))
def test_a_broken_file_is_a_failed_clip_never_a_broken_film(studio: Studio, fault: str) -> None:
    studio.spoil("result", fault, prompt="view 0", count=9)
    run = studio.film(studio.project(2, "cut"))
    assert len(run["output"]["missingClips"]) == 1
    assert run["output"]["frames"] == 120


def test_cancel_keeps_and_pays_what_is_finished_and_returns_the_rest(studio: Studio) -> None:
    studio.spoil("submit", "slow", prompt="view 1", delay_seconds=60)
    project = studio.project(2)
    run_id = studio.trigger(project)
    eventually(lambda: "clip#00" in done(studio, run_id) or None)
    canceled = studio.json("POST", f"/api/runs/{run_id}/cancel")
    assert canceled["status"] == "canceled"
    assert studio.json("POST", f"/api/runs/{run_id}/cancel")["status"] == "canceled"
    run = studio.ended(run_id)
    assert run["credits"] == {"held": 90, "posted": CLIP, "released": 60}
    shown = studio.show(project)
    assert (shown["status"], shown["clips"][0]["status"]) == ("draft", "completed")
    assert shown["clips"][1]["status"] == "pending"
    assert studio.spent() == CLIP
    following = studio.film(studio.project(1, model=BUILTIN_MODEL))
    assert following["status"] == "completed", "the slot is free"
    assert studio.run(run_id)["status"] == "canceled"


def done(studio: Studio, run_id: str) -> list[str]:
    """The pieces that the run has finished, from its row."""
    table = studio.stack.variable("RUNS_TABLE")
    key = {"pk": {"S": run_id}, "sk": {"S": "run"}}
    row = studio.stack.clients.dynamodb.get_item(TableName=table, Key=key)["Item"]
    return [piece["S"] for piece in row["state"]["M"]["pieces_done"]["L"]]


def test_films_run_one_at_a_time_and_the_next_has_a_queue_position(studio: Studio) -> None:
    studio.spoil("submit", "slow", delay_seconds=4)
    first = studio.trigger(studio.project(1))
    second = studio.trigger(studio.project(1, model=BUILTIN_MODEL))
    third = studio.trigger(studio.project(1, model=BUILTIN_MODEL, name="third"))
    places = [studio.run(run_id)["queuePosition"] for run_id in (first, second, third)]
    assert places == [None, 1, 2]
    canceled = studio.json("POST", f"/api/runs/{second}/cancel")
    assert (canceled["status"], canceled["credits"]["posted"]) == ("canceled", 0)
    assert [studio.ended(run_id)["status"] for run_id in (first, third)] == ["completed"] * 2


def test_a_run_whose_execution_died_is_ended_and_frees_its_slot(studio: Studio) -> None:
    studio.spoil("submit", "slow", delay_seconds=60)
    run_id = studio.trigger(studio.project(1))
    eventually(lambda: studio.vendor_tasks() or None)
    machine = studio.stack.template.lookup("VideoPipelineStateMachine", "Arn")
    execution = machine.replace(":stateMachine:", ":execution:") + f":{run_id}"
    studio.stack.clients.stepfunctions.stop_execution(executionArn=execution)
    run = studio.ended(run_id)
    assert (run["status"], run["credits"]["posted"]) == ("failed", 0)
    assert studio.film(studio.project(1, model=BUILTIN_MODEL))["status"] == "completed"


def test_a_run_past_its_limit_is_timed_out_by_the_clock(studio: Studio) -> None:
    studio.spoil("submit", "slow", delay_seconds=60)
    project = studio.project(1)
    run_id = studio.trigger(project)
    eventually(lambda: studio.vendor_tasks() or None)
    studio.stack.clients.dynamodb.update_item(
        TableName=studio.stack.variable("RUNS_TABLE"),
        Key={"pk": {"S": run_id}, "sk": {"S": "run"}},
        UpdateExpression="SET deadline_at = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )
    studio.reconcile()
    run = studio.ended(run_id)
    assert (run["status"], run["error"]["message"]) == ("timed_out", "Timed out")
    assert studio.show(project)["status"] == "failed"
    assert studio.spent() == 0


def test_a_slow_clip_holds_nothing_back_and_three_are_in_flight(studio: Studio) -> None:
    studio.spoil("submit", "slow", prompt="view 0", delay_seconds=25)
    run = studio.film(studio.project(4))
    assert run["output"]["missingClips"] == []
    tasks = studio.vendor_tasks()
    edges = [(task["submitted_ms"], 1) for task in tasks]
    edges += [(task["finished_ms"], -1) for task in tasks]
    flying = most = 0
    for _, change in sorted(edges):
        flying += change
        most = max(most, flying)
    assert most <= 3
    slow = next(task for task in tasks if "view 0" in task["prompt"])
    fourth = next(task for task in tasks if "view 3" in task["prompt"])
    transitions = [task for task in tasks if task["inputs"]["image_tail"]]
    assert fourth["submitted_ms"] < slow["finished_ms"], "the fourth clip waited for the slow one"
    assert min(transition["submitted_ms"] for transition in transitions) < slow["finished_ms"]


def test_a_clip_whose_step_fails_for_good_is_left_out_and_said(studio: Studio) -> None:
    fault = {"service": "dynamodb", "operation": "*", "function": "pipeline_finish_clip"}
    studio.break_call(**fault, action="error", code="ValidationException", status=400, count=1)
    run = studio.film(studio.project(2))
    assert run["status"] == "completed"
    assert len(run["output"]["missingClips"]) == 1
