"""Films as a kind of run: what `showreel.runs` calls to stop, settle and show them."""

from dataclasses import dataclass

from showreel.assembly.models import UNUSABLE_FILES
from showreel.core.clock import now_seconds, seconds_since
from showreel.core.observability import count, measure
from showreel.films.pipeline import context
from showreel.films.pipeline.outcome import Outcome
from showreel.films.pipeline.paid import adopted, untold
from showreel.films.pipeline.pieces import PieceRow, piece_name
from showreel.films.pipeline.plan import FilmPlan
from showreel.films.pipeline.view import FilmRunView, film_view
from showreel.generation.service import cancel_job, close_lane, get_job
from showreel.runs.kinds import RunLimits, Settlement
from showreel.runs.lifecycle import Lifecycle, lifecycle
from showreel.runs.models import Ending, Run, failed


@dataclass(frozen=True)
class FilmRuns:
    """See `showreel.runs.kinds.RunKind`."""

    name: str = "film"

    @property
    def state_machine(self) -> str:
        """The ARN of the state machine VideoPipeline."""
        return context.config().video_pipeline_state_machine

    @property
    def limits(self) -> RunLimits:
        """How many films may be made at once, per workspace and in all."""
        config = context.config()
        return RunLimits(per_workspace=config.runs_per_workspace, in_all=config.runs_global)

    def view(self, run: Run) -> FilmRunView:
        """Returns the run with its project's id."""
        return film_view(run)

    def stop_children(self, run: Run, function_arn: str) -> None:
        """Cancels every job of the run that may still be going on. Closes the run's lane first, so
        that no waiting job takes a cancelled one's place.
        """
        pieces = context.pieces(run.id)
        plan = pieces.plan()
        left = list(untold(plan, pieces.all(plan)))
        if left:
            close_lane(run.id)
        for piece in left:
            cancel_job(plan.job_id(piece.kind, piece.index), function_arn)

    def settle(self, run: Run, ending: Ending) -> Settlement:
        """Returns the run's output and the write that ends it on the project. Includes what jobs
        delivered and were paid for without their pieces saying so.
        """
        pieces = context.pieces(run.id)
        plan = pieces.plan()
        outcome = Outcome(run, plan, adopted(plan, pieces.all(plan)), ending)
        project = context.films().run_write(
            plan.project_id, run.id, outcome.project_status(), outcome.project_attributes()
        )
        return Settlement(
            output=outcome.output(),
            total=len(plan.clips),
            writes=[project],
            then=lambda ended: _ended(outcome, ended),
        )

    def waits_for_us(self, run: Run) -> bool:
        """Returns whether no job is overdue: pieces are over, crossfades, or in time."""
        pieces = context.pieces(run.id)
        plan = pieces.plan()
        return all(_is_in_time(plan, piece) for piece in pieces.all(plan).values())

    def failure(self, run: Run) -> Ending:
        """Returns why there is no film: its failed clips, else the failure noted."""
        plan = context.pieces(run.id).plan()
        pieces = context.pieces(run.id).all(plan)
        lost = sum(pieces[piece_name("clip", clip.index)].status == "failed" for clip in plan.clips)
        if lost == len(plan.clips):
            return failed("clips_failed", "None of the clips could be made")
        if lost and not run.options.get("allow_partial", True):
            return failed("clips_failed", f"{lost} of {len(plan.clips)} clips could not be made")
        code = run.state.get("failure")
        if code in UNUSABLE_FILES:
            return failed(code, UNUSABLE_FILES[code])
        return failed("internal_error", "The film could not be made")


def _is_in_time(plan: FilmPlan, piece: PieceRow) -> bool:
    """Returns whether a piece isn't waiting for an overdue job."""
    if piece.is_over or piece.transition_type == "crossfade":
        return True
    job = get_job(plan.job_id(piece.kind, piece.index))
    return job is not None and job.is_in_time(now_seconds())


FILMS = FilmRuns()


def films(function_arn: str) -> Lifecycle:
    """Returns the runs of films. `function_arn` is the calling function's own."""
    return lifecycle(function_arn, FILMS)


def _ended(outcome: Outcome, run: Run) -> None:
    """Sets the clips that the run left unfinished to pending, and emits the metrics `FilmEnded` and
    `FilmSeconds`, which counts from the order and includes waiting.
    """
    if not outcome.plan.draft:
        for planned, clip in zip(outcome.plan.clips, outcome.clips(), strict=True):
            if not clip.is_over and clip.asset_key is None:
                context.films().set_clip(outcome.plan.project_id, planned.id, status="pending")
    count("FilmEnded", status=run.status)
    if run.status == "completed":
        measure("FilmSeconds", seconds_since(run.created_at), "Seconds")
