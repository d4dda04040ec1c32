"""Starting pieces: a clip or a transition becomes a generation job, or is reused.

Both answer the state machine's task token: the job does when it is settled, a reused piece at once.
"""

import json
from dataclasses import asdict, dataclass
from typing import Literal

from showreel.assets.images import fit
from showreel.assets.service import storage
from showreel.core.aws import client
from showreel.core.clock import now_seconds
from showreel.core.errors import Conflict, NotFound
from showreel.films.pipeline import context, workfiles
from showreel.films.pipeline.plan import TRANSITION_PROMPT, Plan, Reusable
from showreel.films.pipeline.steps import JobResult, TokenTask
from showreel.generation.models import JobRequest
from showreel.generation.service import start_job
from showreel.runs.models import Run

STILL_SCALE = 1.25
"""A still is sent and moved over at this multiple of the film's size: sharper than the film, and no
more than can be seen (measured in bench/media.py).
"""
RESULT_BUCKET = "generation-videos"


@dataclass(frozen=True)
class _Piece:
    """What is particular to one job."""

    job_id: str
    prompt: str
    image_key: str
    end_image_key: str | None
    duration_seconds: int
    parent_token: str


def start_clip(task: TokenTask, function_arn: str) -> None:
    """Starts the generation of a clip. Raises Conflict `run_over`."""
    run, plan = _running(task.run_id)
    clip = plan.clips[task.index]
    if not plan.draft:
        context.films().set_clip(plan.project_id, clip.id, status="processing")
    if _answered_with(clip.made, task.token):
        return
    image_key = _fitted(plan, clip.source_key, f"source-{clip.index:02d}")
    end_key = _fitted(plan, clip.end_key, f"end-{clip.index:02d}") if clip.end_key else None
    piece = _Piece(
        job_id=plan.job_id("clip", clip.index),
        prompt=clip.prompt,
        image_key=image_key,
        end_image_key=end_key,
        duration_seconds=clip.duration_seconds,
        parent_token=task.token,
    )
    start_job(_request(run, plan, "clip", piece), function_arn)


def start_transition(task: TokenTask, function_arn: str) -> None:
    """Starts the transition from the last frame of one clip to the first of the next."""
    run, plan = _running(task.run_id)
    transition = plan.transitions[task.index]
    if _answered_with(transition.made, task.token):
        return
    piece = _Piece(
        job_id=plan.job_id("transition", transition.index),
        prompt=TRANSITION_PROMPT,
        image_key=workfiles.frame_key(run.id, transition.index, "last"),
        end_image_key=workfiles.frame_key(run.id, transition.index + 1, "first"),
        duration_seconds=transition.duration_seconds,
        parent_token=task.token,
    )
    start_job(_request(run, plan, "transition", piece), function_arn)


def _running(run_id: str) -> tuple[Run, Plan]:
    run = context.runs().get(run_id)
    if run.is_over:
        raise Conflict("The run is over", code="run_over")
    return run, context.pieces(run_id).plan()


def _request(
    run: Run, plan: Plan, kind: Literal["clip", "transition"], piece: _Piece
) -> JobRequest:
    """What all jobs of a run have in common."""
    is_clip = kind == "clip"
    return JobRequest(
        **asdict(piece),
        kind=kind,
        workspace_id=run.workspace_id,
        model=plan.model,
        aspect_ratio=plan.aspect_ratio,
        resolution=plan.resolution,
        native_audio=plan.native_audio and is_clip,
        run_id=run.id,
        hold_id=run.hold_id,
        capture_on="delivery",
        output_prefix=RESULT_BUCKET,
        deadline_at_seconds=run.deadline_at or now_seconds() + run.limit_seconds,
        public_base_url=run.public_base_url,
        allow_builtin_fallback=bool(run.options.get("allow_builtin_fallback")) and is_clip,
    )


def _answered_with(made: Reusable | None, token: str) -> bool:
    """Answers the token with an earlier run's piece, if there is one and it is still there."""
    if made is None or not storage().exists(made.asset_key):
        return False
    result = JobResult(status="completed", output_key=made.asset_key, reused=True)
    client("stepfunctions").send_task_success(
        taskToken=token, output=json.dumps(result.model_dump(mode="json", by_alias=True))
    )
    return True


def _fitted(plan: Plan, source_key: str, name: str) -> str:
    """The picture in the film's ratio: image-to-video models take the ratio from the picture."""
    key = f"work/{plan.run_id}/{name}.jpg"
    profile = workfiles.profile(plan)
    width, height = (2 * round(side * STILL_SCALE / 2) for side in (profile.width, profile.height))
    try:
        data = storage().get(source_key)
    except NotFound as error:
        raise Conflict("A clip's picture is gone", code="image_gone") from error
    storage().put(key, fit(data, plan.aspect_ratio, width, height), "image/jpeg")
    return key
