"""Makes pieces ahead: after a `sync` it makes those of the timeline before anybody exports it.

It is free and optional, because an export makes what is missing. So it is limited: steps of all but
a project's newest execution do nothing; the same pieces aren't begun again within an hour; a caller
begins a few a minute; and the workspace must have credits for the export.
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
"""How long pieces made ahead are assumed to exist. If they are gone, an export makes them."""

PLACE = ("index", "row_id", "scene_number", "shot_number", "start", "volume")
"""The fields of a clip that its piece doesn't depend on."""
APART = ("provider", "music_volume", "transition", "captions")
"""The settings that a piece doesn't depend on: clips hold what they need for transitions, and
captions are compared per film.
"""


def begin_ahead(caller: Caller, board: Board, plan: CutPlan, function_arn: str) -> None:
    """Starts making the pieces of the plan, unless they are being made, were made within the last
    hour, or the workspace can't pay for the export. Errors are only logged.
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
    """Returns whether this is still the project's newest execution that makes pieces."""
    newest = context.cuts().ahead(plan.project_id)
    return newest is not None and newest.id == plan.job_id


def digest_of_pieces(plan: CutPlan) -> str:
    """Returns a digest that is equal for plans that need the same pieces and transitions."""
    burnt = {"texts"} if plan.settings.burns_captions else set[str]()
    joined = plan.model_dump(mode="json", include={"transitions", *burnt})
    return digest_of([joined, *(digest_of_piece(plan, clip) for clip in plan.clips)])


def digest_of_piece(plan: CutPlan, clip: CutClip) -> str:
    """Returns a digest that is equal for clips of the same piece, captions aside."""
    made_of = clip.model_dump(mode="json", exclude=set(PLACE))
    return digest_of([made_of, plan.settings.model_dump(mode="json", exclude=set(APART))])
