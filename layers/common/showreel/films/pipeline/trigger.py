"""Begins runs for `POST /api/trigger-video` and the retry of one clip, in one transaction.

The plan, the hold, the run with its first event, its place in the queue, the project's status and
the claim of the caller's key are written together or not at all, so two triggers at once make one
run, no credit is held for a run that doesn't exist, and a key never starts a second one.
"""

import contextlib
from dataclasses import dataclass

from showreel.catalog import get_model
from showreel.core.clock import now_iso
from showreel.core.errors import Conflict, NotFound, Transient
from showreel.core.ids import new_id
from showreel.films.pipeline import context
from showreel.films.pipeline.files import find_gone, require_files, with_sizes, without_gone
from showreel.films.pipeline.kind import FILMS, films
from showreel.films.pipeline.plan import FilmPlan, make_plan
from showreel.films.projects.estimate import estimate, limit_minutes
from showreel.films.projects.models import Film, ProjectStatus
from showreel.runs.claims import Claim, Claims, Key
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import Run, RunCredits

ATTEMPTS = 20
NO_CLIPS = "Add at least one clip to the video project before triggering compilation"


@dataclass(frozen=True)
class Options:
    """Options of a film's run."""

    draft: bool = False
    allow_partial: bool = True
    allow_builtin_fallback: bool = False
    regenerate: str | None = None
    """Id of a clip that is made anew although nothing about it changed."""


@dataclass(frozen=True)
class TriggeredRun:
    """The run that makes the film. `is_new` is false if it existed before this call."""

    run: Run
    is_new: bool


def trigger_video(
    film: Film, options: Options, base_url: str, function_arn: str, key: Key | None = None
) -> TriggeredRun:
    """Starts a film, or finds the run that already makes it. The same `key` again is the same run.

    Raises Conflict `no_clips`, or `run_active` if the other run differs in `draft`;
    InsufficientCredits; InvalidInput `unknown_model`; MediaError `media_not_found`;
    IdempotencyMismatch.
    """
    on = films(function_arn)
    for _ in range(ATTEMPTS):
        claim = _claim(key) or _run_of(on, film, options, base_url, key)
        if claim is not None:
            run = on.runs.get(claim.run_id)
            with contextlib.suppress(Transient):  # the run is there, and the sweep starts it
                on.dispatch(FILMS, [run.workspace_id])
            return TriggeredRun(on.runs.get(claim.run_id), claim.is_new)
        film = context.films().load(film.project.id)
    raise Transient("the queue is being changed by too many others")


def retry_clip(
    film: Film, clip_id: str, base_url: str, function_arn: str, key: Key | None = None
) -> TriggeredRun:
    """Makes one clip anew and compiles again; all else is reused. The same `key` is the same run.

    Raises NotFound, Conflict `run_active` and what `trigger_video` raises.
    """
    if film.clip(clip_id) is None:
        raise NotFound("Clip not found")
    if _claim(key) is None and active_run(film) is not None:
        raise Conflict("The video project is being made already", code="run_active")
    return trigger_video(film, Options(regenerate=clip_id), base_url, function_arn, key)


def active_run(film: Film) -> Run | None:
    """Returns the project's run, None if it has none or it is over."""
    run = context.runs().find(film.project.run_id) if film.project.run_id else None
    return run if run is not None and not run.is_over else None


def _claim(key: Key | None) -> Claim | None:
    return None if key is None else Claims(context.runs_table()).find(key)


def _run_of(
    on: Lifecycle, film: Film, options: Options, base_url: str, key: Key | None
) -> Claim | None:
    """Returns the run that makes the film, begun if there is none, and claims the key for it.
    Returns None if another request was faster.
    """
    run = active_run(film)
    if run is None:
        if not film.clips:
            raise Conflict(NO_CLIPS, code="no_clips")
        return _begin(on, film, options, base_url, key)
    claim = Claim(_same_kind(run, options).id, is_new=False)
    is_claimed = key is None or Claims(context.runs_table()).claim(key, claim)
    return claim if is_claimed else None


def _same_kind(run: Run, options: Options) -> Run:
    if run.options["draft"] != options.draft:
        raise Conflict(
            "Another run of this video project is active",
            code="run_active",
            details={"runId": run.id},
        )
    return run


def _begin(
    on: Lifecycle, film: Film, options: Options, base_url: str, key: Key | None
) -> Claim | None:
    """Begins a run; None if another request was faster and the film must be read again."""
    gone = find_gone(film)
    film = with_sizes(without_gone(film, gone))
    plan = make_plan(film, new_id("run"), draft=options.draft, regenerate=options.regenerate)
    require_files(plan, gone)
    run = _run(film, plan, options, base_url)
    cost = {} if plan.draft else {"estimated_cost_cents": _whole_cents(film, plan)}
    # a draft leaves the status of a completed project as it is
    stays = plan.draft and film.project.status == "completed"
    status: ProjectStatus = "completed" if stays else "queued"
    project = context.films().start_write(film.project, run.id, status, cost)
    writes = [project, context.pieces(run.id).plan_write(plan)]
    claim = Claim(run.id, is_new=True)
    if key is not None:
        writes.append(Claims(context.runs_table()).write(key, claim))
    return claim if on.begin(run, writes) else None


def _whole_cents(film: Film, plan: FilmPlan) -> int:
    """Returns the film's whole price in US cents, as the estimate gives it: reused pieces count."""
    return estimate(film, get_model(plan.model)).total_cents


def _run(film: Film, plan: FilmPlan, options: Options, base_url: str) -> Run:
    transitions = sum(transition.kind == "seamless" for transition in plan.transitions)
    return Run(
        id=plan.run_id,
        kind=FILMS.name,
        workspace_id=plan.workspace_id,
        subject_id=plan.project_id,
        credits=RunCredits(held=plan.credits),
        hold_id=plan.run_id if plan.credits else None,
        options={
            "draft": plan.draft,
            "allow_partial": options.allow_partial,
            "allow_builtin_fallback": options.allow_builtin_fallback,
            "status_before": film.project.status,
        },
        state={"pieces_done": []},
        public_base_url=base_url,
        limit_seconds=60 * limit_minutes(len(plan.clips), transitions),
        created_at=now_iso(),
    )
