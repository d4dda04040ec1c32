"""Records finished pieces: on the run's rows, and on the project's clips, where later runs find
them to reuse.
"""

from collections.abc import Mapping
from typing import Any

from showreel.films.pipeline import context
from showreel.films.pipeline.pieces import PieceRow, piece_name
from showreel.films.pipeline.plan import FilmPlan
from showreel.films.pipeline.progress import piece_finished


def finish(plan: FilmPlan, piece: PieceRow) -> None:
    """Writes a finished piece, notes it on its clip and counts it in the progress. Safe to repeat:
    the first result stays.
    """
    store = context.pieces(plan.run_id)
    is_first = store.put(piece)
    pieces = {} if is_first and piece.kind == "clip" else store.all(plan)
    kept = piece if is_first else pieces[piece_name(piece.kind, piece.index)]
    keep(plan, kept, pieces)
    piece_finished(plan, kept)


def without_lost(plan: FilmPlan, pieces: dict[str, PieceRow]) -> dict[str, PieceRow]:
    """Ends pieces that are still unfinished, and returns all: a clip as failed, a transition as a
    cut.
    """
    lost = [piece for piece in pieces.values() if not piece.is_over]
    for piece in lost:
        cut = {"status": "done", "transition_type": "cut"}
        ended = {"status": "failed"} if piece.kind == "clip" else cut
        finish(plan, piece.model_copy(update={"reason": "internal_error"} | ended))
    return context.pieces(plan.run_id).all(plan) if lost else pieces


def keep(plan: FilmPlan, piece: PieceRow, pieces: Mapping[str, PieceRow]) -> None:
    """Notes the piece on its clip's row, for later runs to reuse. For a transition, `pieces` holds
    at least its two neighbours.
    """
    if attributes := _attributes(plan, piece, pieces):
        clip = plan.clips[piece.index]
        context.films().set_clip(plan.project_id, clip.id, **attributes)


def _attributes(plan: FilmPlan, piece: PieceRow, pieces: Mapping[str, PieceRow]) -> dict[str, Any]:
    """Returns the attributes to set. A file that can't be used is kept too: it was paid for."""
    if piece.kind == "transition":
        return _transition(plan, piece, pieces) if piece.asset_key else {}
    prefix = "draft_" if plan.draft else ""
    made = {"key": plan.clips[piece.index].key, "asset_key": piece.asset_key}
    files = {f"{prefix}clip_key": piece.asset_key, f"{prefix}made": made} if piece.asset_key else {}
    return files if plan.draft else files | _status(piece)


def _status(piece: PieceRow) -> dict[str, Any]:
    if piece.status == "failed":
        return {"status": "failed", "error_message": f"The clip could not be made: {piece.reason}"}
    return {"status": "completed", "error_message": None}


def _transition(plan: FilmPlan, piece: PieceRow, pieces: Mapping[str, PieceRow]) -> dict[str, Any]:
    neighbours = (pieces[piece_name("clip", piece.index + step)] for step in (0, 1))
    first, second = (clip.asset_key or "" for clip in neighbours)
    key = plan.transition_key(piece.index, first, second)
    return {
        "transition_key": piece.asset_key,
        "transition_next_id": plan.clips[piece.index + 1].id,
        "transition": {"key": key, "asset_key": piece.asset_key},
    }
