"""Pictures, videos and voice-overs of a storyboard through the running stack, under faults."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.stack import Stack
from tests.support.http import eventually

from .users import Client, break_call, newcomer

pytestmark = pytest.mark.stack
GENERATE = "/functions/v1/project-auto-generate"
PICTURE = 3
MOTION = "showreel/camera-motion"
STEPS = (
    *("auto_generate_load_shots", "auto_generate_make_shot", "auto_generate_end_run"),
    *("generation_submit", "generation_collect"),
)


@pytest.fixture
def ann(stack: Stack) -> Iterator[Client]:
    yield from newcomer(stack, Client)


def board(ann: Client, shots: int, **fields: Any) -> tuple[str, list[str]]:
    """A project with one scene and so many shots."""
    wish = {"workspaceId": ann.workspace_id, "title": "Heist", "videoStyle": "16 mm film", **fields}
    project = ann.json("POST", "/api/projects", wish)["id"]
    scene = ann.json("POST", f"/api/projects/{project}/scenes", {"location": "An alley"})["id"]
    made = [
        ann.json("POST", f"/api/scenes/{scene}/shots", wish)
        for wish in (
            {"visual_prompt": f"View {project} no{n}x", "duration_ms": 1000} for n in range(shots)
        )
    ]
    return str(project), [str(shot["id"]) for shot in made]


def spoil(stack: Stack, **fault: Any) -> None:
    """Orders a fault at fal."""
    url = f"{stack.providers_url}/_sim/faults"
    httpx.post(url, json={"provider": "fal", **fault}, timeout=30).raise_for_status()


def ended(ann: Client, run_id: str) -> Any:
    def look() -> Any:
        told = ann.json("GET", f"{GENERATE}?run_id={run_id}")
        return told if told["finished_at"] else None

    return eventually(look, 120)


def spent(ann: Client) -> int:
    account = ann.json("GET", f"/api/credits?workspaceId={ann.workspace_id}")
    assert account["held"] == 0
    return 50 - int(account["balance"])


def shot(ann: Client, shot_id: str) -> Any:
    return ann.json("GET", f"/api/shots/{shot_id}")


@pytest.mark.deep
def test_every_step_dies_once_and_each_shot_is_made_once(ann: Client, stack: Stack) -> None:
    project, shots = board(ann, 6)
    refused = {"prompt_contains": f"{project} no4x"}
    spoil(stack, operation="poll", fault="content_policy", match=refused)
    spoil(stack, operation="submit", fault="rate_limited", match={"prompt_contains": project})
    for function in STEPS:
        for operation, when in (("TransactWriteItems", "after"), ("UpdateItem", "before")):
            break_call(stack, operation, function, nth=1, action="kill", when=when)
    body = {"project_id": project, "phase": "images"}
    queued = ann.json("POST", GENERATE, body)
    assert (queued["queued"], queued["concurrency"], queued["estimated_credits"]) == (6, 4, 18)
    meanwhile = ann.json("POST", GENERATE, body)
    assert (meanwhile["run_id"], meanwhile["queued"]) == (queued["run_id"], 0)
    told = ended(ann, queued["run_id"])
    assert (told["status"], told["completed"], told["failed"]) == ("completed", 5, 1)
    assert spent(ann) == told["credits_used"] == 5 * PICTURE
    failed = shot(ann, shots[4])
    assert (failed["image_status"], failed["failure_reason"]) == ("failed", "content_policy")

    again = ann.json("POST", GENERATE, body)
    assert (again["queued"], Counter(one["reason"] for one in again["skipped"])) == (
        1,
        {"already_completed": 5},
    )
    assert ended(ann, again["run_id"])["completed"] == 1
    assert spent(ann) == 6 * PICTURE
    for shot_id in shots:
        seen = shot(ann, shot_id)
        assert seen["image_status"] == "completed"
        assert ann.http.get(seen["image_url"], follow_redirects=True).status_code == 200
        assert len(ann.json("GET", f"/api/shots/{shot_id}/versions")["items"]) == 1
    tasks = httpx.get(f"{stack.providers_url}/_sim/requests?provider=fal", timeout=30).json()
    prompts = [str(one["body"]) for one in tasks["requests"] if one["operation"] == "submit"]
    assert all("16 mm film" in prompt for prompt in prompts if project in prompt)


def test_videos_begin_with_the_pictures_and_a_stream_reports_each(ann: Client) -> None:
    project, shots = board(ann, 3)
    images = ann.json("POST", GENERATE, {"project_id": project, "phase": "images"})
    ended(ann, images["run_id"])
    body = {"project_id": project, "phase": "videos", "video_model": MOTION}
    dry = ann.json("POST", GENERATE, body | {"dry_run": True})
    assert (dry["queued"], dry["estimated_credits"], dry["run_id"]) == (3, 3, None)
    queued = ann.json("POST", GENERATE, body)
    assert queued["concurrency"] == 2
    events = list(follow(ann, queued["run_id"]))
    assert [name for name, _ in events][-1] == "end"
    told = [data for name, data in events if name == "shot"]
    assert {one["shot_id"] for one in told} == set(shots)
    for one in told:
        assert one["url"] == shot(ann, one["shot_id"])["video_url"]
    assert spent(ann) == 3 * PICTURE + 3
    nothing = ann.call("POST", GENERATE, body)
    assert (nothing.status_code, nothing.json()["queued"]) == (200, 0)


def follow(ann: Client, run_id: str) -> Iterator[tuple[str, Any]]:
    """Reads the stream to its end, also when it is cut before."""
    after = "0"
    for _ in range(30):
        headers = {"Last-Event-ID": after}
        answer = ann.http.get(f"{GENERATE}/stream?run_id={run_id}", headers=headers)
        assert answer.headers["content-type"].startswith("text/event-stream")
        for block in answer.text.split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in lines:
                after = lines["id"]
                yield lines["event"], json.loads(lines["data"])
                if lines["event"] == "end":
                    return
    raise AssertionError("the stream has no end")


def test_one_shot_gets_another_picture_and_a_voice(ann: Client) -> None:
    _, (shot_id,) = board(ann, 1)
    path = f"/api/shots/{shot_id}/generations"
    assert ann.refused(path, {"kind": "video"})["code"] == "missing_image"
    assert ann.refused(path, {"kind": "audio"})["code"] == "missing_text"
    first = generate(ann, shot_id, kind="image")
    second = generate(ann, shot_id, kind="image", model="fal-ai/flux/dev")
    assert first["image_url"] != second["image_url"]
    versions = ann.json("GET", f"/api/shots/{shot_id}/versions")["items"]
    assert [one["model"] for one in versions] == ["fal-ai/flux/dev", "fal-ai/flux/schnell"]
    ann.json("PATCH", f"/api/shots/{shot_id}", {"dialogue": "Now or never."})
    spoken = generate(ann, shot_id, kind="audio", model="elevenlabs-tts")
    assert ann.http.head(spoken["audio_url"], follow_redirects=True).status_code == 200


def test_a_canceled_job_leaves_its_shot_as_it_was(ann: Client, stack: Stack) -> None:
    project, (shot_id,) = board(ann, 1)
    spoil(
        stack,
        operation="submit",
        fault="slow",
        delay_seconds=60,
        match={"prompt_contains": project},
    )
    path = f"/api/shots/{shot_id}/generations"
    answer = ann.call("POST", path, {"kind": "image"})
    assert answer.status_code == 202
    job = answer.json()
    assert ann.refused(path, {"kind": "image"}, status=409)["code"] == "generation_in_progress"
    ann.json("POST", f"/api/jobs/{job['job_id']}/cancel")
    assert shot(ann, shot_id)["image_status"] == "pending"
    assert spent(ann) == 0


def generate(ann: Client, shot_id: str, **wish: Any) -> Any:
    """The shot once the medium is made."""
    kind = wish["kind"]
    before = shot(ann, shot_id)[f"{kind}_url"]
    job = ann.json("POST", f"/api/shots/{shot_id}/generations", wish)
    assert (job["shot_id"], job["kind"]) == (shot_id, kind)

    def made() -> Any:
        seen = shot(ann, shot_id)
        is_made = seen[f"{kind}_status"] == "completed" and seen[f"{kind}_url"] != before
        return seen if is_made else None

    return eventually(made, 60)
