"""Starts pieces: begins a generation job for a clip or transition, or reuses an earlier one.

Both answer the state machine's task token: the job does when it is settled, a reused piece at once.
"""

from showreel.assembly.models import FIRST_FRAME, LAST_FRAME
from showreel.assets.service import storage
from showreel.core.clock import now_seconds
from showreel.core.errors import Conflict
from showreel.core.framing import Size, even
from showreel.films.pipeline import context
from showreel.films.pipeline.pieces import PieceKind
from showreel.films.pipeline.plan import TRANSITION_PROMPT, FilmPlan
from showreel.films.pipeline.steps import JobResult, PieceTokenTask
from showreel.films.projects.models import MadePiece
from showreel.films.projects.rows import film_pk
from showreel.generation.models import JobRequest, Lane, Terms, Wanted
from showreel.generation.service import start_job
from showreel.runs.executions import answer_token
from showreel.runs.models import Run

STILL_SCALE = 1.25
"""A still is sent at this multiple of the film's size: that is sharper than the film, and more
would not be seen (measured in bench/media.py).
"""
RESULT_BUCKET = "generation-videos"


def start_clip(task: PieceTokenTask, function_arn: str) -> None:
    """Starts the generation of a clip. Raises Conflict `run_over`."""
    run, plan = _running(task.run_id)
    clip = plan.clips[task.index]
    if not plan.draft:
        context.films().set_clip(plan.project_id, clip.id, status="processing")
    if clip.made is not None:
        _reuse(clip.made, task.token)
        return
    wanted = Wanted(
        prompt=clip.prompt,
        image_key=clip.source_key,
        end_image_key=clip.end_key,
        picture_size=_picture_size(plan),
        fit=clip.fit,
        duration_seconds=plan.clip_seconds(clip),
        aspect_ratio=plan.aspect_ratio,
        resolution=plan.resolution,
        native_audio=plan.native_audio,
        draft=plan.draft,
    )
    start_job(_request(run, plan, task, "clip", wanted), function_arn)


def start_transition(task: PieceTokenTask, function_arn: str) -> None:
    """Starts the transition between the frames where two clips meet. Raises Conflict."""
    run, plan = _running(task.run_id)
    transition = plan.transitions[task.index]
    if transition.made is not None:
        _reuse(transition.made, task.token)
        return
    before, after = context.pieces(run.id).neighbours(transition.index)
    wanted = Wanted(
        prompt=TRANSITION_PROMPT,
        image_key=before.key(LAST_FRAME),
        end_image_key=after.key(FIRST_FRAME),
        duration_seconds=transition.duration_seconds,
        aspect_ratio=plan.aspect_ratio,
        resolution=plan.resolution,
    )
    start_job(_request(run, plan, task, "transition", wanted), function_arn)


def _running(run_id: str) -> tuple[Run, FilmPlan]:
    run = context.runs().get(run_id)
    if run.is_over or run.cancel_requested:
        raise Conflict("The run is over", code="run_over")
    return run, context.pieces(run_id).plan()


def _request(
    run: Run, plan: FilmPlan, task: PieceTokenTask, kind: PieceKind, wanted: Wanted
) -> JobRequest:
    """Returns the request for a piece's job, in the run's own lane. Clips come first there, because
    transitions wait for them.
    """
    is_clip = kind == "clip"
    piece = plan.clips[task.index] if is_clip else plan.transitions[task.index]
    order = task.index if is_clip else len(plan.clips) + task.index
    return JobRequest(
        job_id=plan.job_id(kind, task.index),
        kind=kind,
        workspace_id=run.workspace_id,
        catalogue_id=plan.model,
        wanted=wanted,
        terms=Terms(
            deadline_at_seconds=run.deadline_at or now_seconds() + run.limit_seconds,
            allow_builtin_fallback=bool(run.options.get("allow_builtin_fallback")) and is_clip,
        ),
        run_id=run.id,
        hold_id=run.hold_id,
        quoted_credits=piece.credits if piece.made is None else None,
        parent_token=task.token,
        lane=Lane(name=run.id, limit=context.config().clip_concurrency, order=order),
        output_prefix=RESULT_BUCKET,
        result_owner=film_pk(plan.project_id),
        public_base_url=run.public_base_url,
    )


def _reuse(made: MadePiece, token: str) -> None:
    """Answers the token with an earlier run's piece. If its file is gone it fails with
    `media_missing`: no credits are held to make it anew.
    """
    is_there = storage().exists(made.asset_key)
    reused = JobResult(status="completed", output_key=made.asset_key, reused=True)
    _answer(token, reused if is_there else JobResult(error_code="media_missing"))


def _answer(token: str, result: JobResult) -> None:
    answer_token(token, result.model_dump(mode="json", by_alias=True))


def _picture_size(plan: FilmPlan) -> Size:
    width, height = plan.profile.width, plan.profile.height
    return even(width * STILL_SCALE), even(height * STILL_SCALE)
