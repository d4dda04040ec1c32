"""Pieces made ahead: after a `sync` those of its timeline are made before anybody exports it.

Nobody pays for it and nothing depends on it: an export makes what is missing. So it is bounded.
Per project only the newest counts, and steps of an older one do nothing any more; the same again is
not begun within an hour; a caller begins a few a minute; and only a workspace that could pay for
the export has its pieces made.
"""

from showreel.core.clock import now_seconds
from showreel.core.errors import AppError
from showreel.core.ids import digest_of, new_id
from showreel.core.observability import count, logger
from showreel.credits.ledger import ledger
from showreel.cuts import context
from showreel.cuts.exports import ExportPlan
from showreel.cuts.kind import CUTS
from showreel.cuts.models import EXPORT_CREDITS, Ahead
from showreel.cuts.plan import CutClip, CutPlan
from showreel.cuts.ports import Board
from showreel.edge.limits import take_spare
from showreel.identity import Caller
from showreel.runs.executions import Executions

AT_ONCE = 5
"""How many pieces of a project are made ahead at the same time."""
AGAIN_SECONDS = 3600
"""How long what was made ahead is taken to be there. It may be gone, and then an export makes it.
"""

PLACE = ("index", "row_id", "scene_number", "shot_number", "start", "volume")
"""What of a clip its piece doesn't depend on."""
APART = ("provider", "music_volume", "transition", "captions")
"""The same of settings. What transitions need of a clip, it says itself; captions are
compared for the whole film."""


def begin_ahead(caller: Caller, board: Board, plan: CutPlan, function_arn: str) -> None:
    """Begins to make the pieces of the plan, unless that is under way or not worth it. A failure
    is noted and nothing more.
    """
    try:
        before, wanted = context.cuts().ahead(board.id), digest_of_pieces(plan)
        if not plan.clips or (before and _is_enough(before, wanted)):
            return
        is_affordable = ledger().account(board.workspace_id).available >= EXPORT_CREDITS
        if is_affordable and take_spare(f"ahead#{caller.user_id}"):
            _begin(board, plan, Ahead(id=new_id(), digest=wanted), before, function_arn)
    except AppError as error:
        logger().warning("pieces are not made ahead", project_id=board.id, code=error.code)


def _is_enough(before: Ahead, wanted: str) -> bool:
    return before.digest == wanted and now_seconds() - before.begun_at < AGAIN_SECONDS


def _begin(
    board: Board, plan: CutPlan, ahead: Ahead, before: Ahead | None, function_arn: str
) -> None:
    """Writes the plan and starts its execution. Raises Conflict if another was faster."""
    frozen = ExportPlan(
        job_id=ahead.id,
        project_id=board.id,
        workspace_id=board.workspace_id,
        cut=plan,
        is_ahead=True,
    )
    context.cuts().begin_ahead(board.id, ahead, before, context.exports().plan_writes(frozen))
    Executions(CUTS.state_machine, function_arn).start(ahead.id, {"run_id": ahead.id})
    count("CutAheadStarted")


def is_wanted(plan: ExportPlan) -> bool:
    """Returns whether what is made ahead is still the newest of its project."""
    newest = context.cuts().ahead(plan.project_id)
    return newest is not None and newest.id == plan.job_id


def digest_of_pieces(plan: CutPlan) -> str:
    """Returns the same while an export would need the same pieces and joints."""
    burnt = {"texts"} if plan.settings.burns_captions else set[str]()
    joined = plan.model_dump(mode="json", include={"joints", *burnt})
    return digest_of([joined, *(digest_of_piece(plan, clip) for clip in plan.clips)])


def digest_of_piece(plan: CutPlan, clip: CutClip) -> str:
    """Returns the same for clips of which the same piece is made, captions aside."""
    made_of = clip.model_dump(mode="json", exclude=set(PLACE))
    return digest_of([made_of, plan.settings.model_dump(mode="json", exclude=set(APART))])
