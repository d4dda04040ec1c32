"""What happens on the stack so that a step is reached: each scene ends in what it must end in."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.sam_local.world import Studio, until
from local.stack import Stack

KLING = "kling-v2.6-pro"
START_SECONDS = 60


class Spoiled(AssertionError):
    """A scene did not end as it should."""


@dataclass(frozen=True)
class Scene:
    """A play and the functions, by folder, whose invocations it brings about."""

    play: Callable[[Stack], None]
    leads_to: frozenset[str]
    planted: Mapping[str, Any] = field(default_factory=dict)
    """Functions that fail once, for an event with these fields."""


def _ends(run: Any, status: str) -> None:
    if run["status"] != status:
        raise Spoiled(f"the run ended as {run['status']}, not {status}: {run['error']}")


def make_film(stack: Stack) -> None:
    """Two clips by a vendor, and the transition between them."""
    studio = Studio(stack)
    run = studio.ended(studio.trigger(studio.project(2, KLING)))
    _ends(run, "completed")
    if [transition["kind"] for transition in run["output"]["transitions"]] != ["seamless"]:
        raise Spoiled(f"the transition was not made: {run['output']['transitions']}")


def make_motion(stack: Stack) -> None:
    """A film of one clip by the built-in model."""
    studio = Studio(stack)
    _ends(studio.ended(studio.trigger(studio.project())), "completed")


def lose_job(stack: Stack) -> None:
    """A clip whose rendering fails, so that there is no film."""
    studio = Studio(stack)
    _ends(studio.ended(studio.trigger(studio.project())), "failed")


def skip_clip(stack: Stack) -> None:
    """A film of two clips of which the second can't be finished."""
    studio = Studio(stack)
    run = studio.ended(studio.trigger(studio.project(2)))
    _ends(run, "completed")
    if len(run["output"]["missingClips"]) != 1:
        raise Spoiled(f"one clip should be missing: {run['output']}")


def release_run(stack: Stack) -> None:
    """A run whose first step fails."""
    studio = Studio(stack)
    _ends(studio.ended(studio.trigger(studio.project())), "failed")


def make_cut(stack: Stack) -> None:
    """An export of a storyboard of one picture."""
    studio = Studio(stack)
    _ends(studio.ended(studio.cut()), "completed")


def stop_run(stack: Stack) -> None:
    """A run whose execution is stopped from outside."""
    studio = Studio(stack)
    run_id = studio.trigger(studio.project(2, KLING))
    settings, states = stack.settings, stack.clients.stepfunctions
    machine = stack.variable("VIDEO_PIPELINE_STATE_MACHINE")
    owner = f"{settings.region}:{settings.account}"
    arn = f"arn:aws:states:{owner}:execution:{machine}:{run_id}"
    until(lambda: _status(states, arn), lambda status: status == "RUNNING", START_SECONDS)
    states.stop_execution(executionArn=arn)
    _ends(studio.ended(run_id), "failed")


def _status(states: Any, arn: str) -> str:
    try:
        return str(states.describe_execution(executionArn=arn)["status"])
    except states.exceptions.ExecutionDoesNotExist:
        return "not started"


def make_pictures(stack: Stack) -> None:
    """The picture of a storyboard's one shot."""
    studio = Studio(stack)
    _ends(studio.call("GET", f"/api/runs/{studio.batch()}"), "completed")


def run_graph(stack: Stack) -> None:
    """A graph that draws a picture from a prompt."""
    studio = Studio(stack)
    body = {"projectId": studio.graph(), "requestId": "sam local"}
    with studio.http.stream("POST", "/functions/v1/compute-execute", json=body) as answer:
        first = next(line for line in answer.iter_lines() if line.startswith("data: "))
    run_id = str(json.loads(first.removeprefix("data: "))["run_id"])
    _ends(studio.ended(run_id), "completed")


def speak(stack: Stack) -> None:
    """A speech: its vendor answers with the file."""
    _order(Studio(stack), "elevenlabs-tts", {"text": "Good morning."})


def receive_webhook(stack: Stack) -> None:
    """A video whose vendor says by webhook that it is ready."""
    studio = Studio(stack)
    body = {"prompt": "Slow pan", "image_url": studio.image_url, "video_type": "walkthrough"}
    _order(studio, "generate-interior-video-v2", body | {"model": "kling-v3.0"})


def _order(studio: Studio, endpoint: str, body: dict[str, Any]) -> None:
    body = body | {"workspace_id": studio.tenant.workspace_id}
    path = f"/functions/v1/{endpoint}"
    job = studio.job(studio.call("POST", path, body, Prefer="respond-async")["job_id"])
    if job["status"] != "completed":
        raise Spoiled(f"the job ended as {job['status']}")


def write_shots(stack: Stack) -> None:
    """The shots of a scene, by a language model."""
    _write_shots(stack, "done")


def lose_shots(stack: Stack) -> None:
    """Shots whose first step fails."""
    _write_shots(stack, "error")


def _write_shots(stack: Stack, end: str) -> None:
    """Reads a stream of shots to its last event, however often it is cut."""
    studio = Studio(stack)
    body = {"projectId": studio.storyboard(), "requestId": "sam local", "shotCount": 1}

    def look() -> str:
        answer = studio.http.post("/functions/v1/gen-shots", json=body)
        return answer.raise_for_status().text

    ends = ("event: done", "event: error")
    stream = until(look, lambda text: any(event in text for event in ends), START_SECONDS)
    if f"event: {end}" not in stream:
        raise Spoiled(f"the stream should end with {end}")


def send_webhook(stack: Stack) -> None:
    """A run whose end is sent to a webhook."""
    studio = Studio(stack)
    path = f"/api/workspaces/{studio.tenant.workspace_id}/webhooks"
    wish = {"url": f"{stack.providers_url}/_sim/sink", "events": ["run.completed"]}
    webhook = studio.call("POST", path, wish)["id"]
    studio.batch()

    def look() -> list[str]:
        deliveries = studio.call("GET", f"{path}/{webhook}/deliveries")["items"]
        return [one["status"] for one in deliveries]

    until(look, lambda statuses: statuses == ["delivered"], START_SECONDS)


def fire_schedules(stack: Stack) -> None:
    """Fires every schedule."""
    for rule in SCHEDULES:
        stack.fire(rule)


SCHEDULES = ("every_minute", "every_day")


PIPELINE = ("load_project", "start_clip", "finish_clip", "start_transition", "finish_transition")
GENERATION = ("submit", "collect")
SCENES = (
    Scene(
        make_film,
        frozenset(f"pipeline_{step}" for step in (*PIPELINE, "compile_video", "finalize_video"))
        | frozenset(f"generation_{step}" for step in GENERATION),
    ),
    Scene(make_motion, frozenset({"generation_render"})),
    Scene(lose_job, frozenset({"generation_release"}), {"generation_render": {}}),
    Scene(skip_clip, frozenset({"pipeline_skip_piece"}), {"pipeline_finish_clip": {"index": 1}}),
    Scene(release_run, frozenset({"pipeline_release_run"}), {"pipeline_load_project": {}}),
    Scene(
        make_cut,
        frozenset(
            f"director_cut_{step}" for step in ("load", "make_piece", "compile", "compose", "end")
        ),
    ),
    Scene(stop_run, frozenset({"on_execution_ended"})),
    Scene(
        make_pictures,
        frozenset(f"auto_generate_{step}" for step in ("load_shots", "make_shot", "end_run")),
    ),
    Scene(run_graph, frozenset({"compute_graph_advance", "compute_graph_end_run"})),
    Scene(speak, frozenset({"generation_make"})),
    Scene(receive_webhook, frozenset({"generation_await", "webhooks"})),
    Scene(write_shots, frozenset({"storyboard_write_shots"})),
    Scene(lose_shots, frozenset({"storyboard_release_shots"}), {"storyboard_write_shots": {}}),
    Scene(send_webhook, frozenset({"webhook_events", "webhook_delivery"})),
    Scene(fire_schedules, frozenset(SCHEDULES)),
)
STEPS = frozenset().union(*(scene.leads_to for scene in SCENES))
