"""Reads a storyboard with its timeline, and synchronises them."""

import contextlib
from dataclasses import dataclass, replace

from showreel.core.errors import Conflict
from showreel.cuts import context
from showreel.cuts.lengths import lengths_of
from showreel.cuts.models import MAX_ROWS, ExportSettings, Timeline
from showreel.cuts.plan import make_plan
from showreel.cuts.ports import Board, Boards, BoardShot
from showreel.cuts.preflight import Preflight, require_countable
from showreel.cuts.timeline import synced
from showreel.identity import Caller

ATTEMPTS = 5


@dataclass(frozen=True)
class Looked:
    """A storyboard and its timeline, from which an export would be made."""

    board: Board
    shots: tuple[BoardShot, ...]
    timeline: Timeline
    lengths: dict[str, int]

    def preflight(self, settings: ExportSettings, *, allow_partial: bool) -> Preflight:
        """Returns the check whether it can be exported with these settings."""
        plan = make_plan(self.timeline, settings)
        return Preflight(self.shots, self.timeline, plan, self.lengths, allow_partial)


def look(boards: Boards, caller: Caller, project_id: str) -> Looked:
    """Returns both as they are. Raises NotFound, InvalidInput `too_many_shots`, Transient."""
    board = boards.require(caller, project_id)
    shots = tuple(boards.shots(board.id, MAX_ROWS + 1))
    require_countable(shots)
    timeline = context.cuts().timeline(board.id, board.workspace_id)
    return Looked(board, shots, timeline, lengths_of(shots, timeline))


def synchronise(boards: Boards, caller: Caller, project_id: str) -> Looked:
    """Brings the timeline up to the storyboard. Raises as `look`, and Conflict `edit_conflict` if
    others keep changing it.
    """
    for _ in range(ATTEMPTS):
        looked = look(boards, caller, project_id)
        before = looked.timeline
        after = synced(before, looked.board, looked.shots, looked.lengths)
        if after == before:
            return looked
        with contextlib.suppress(Conflict):
            saved = context.cuts().save(before, after)
            return replace(looked, timeline=saved)
    raise Conflict("Others are editing this timeline; try again", code="edit_conflict")
