"""Finds what a run has paid for without any of its pieces naming it.

A job may deliver while its run is being ended: after a cancel, at the limit, when an execution
died, or when a piece's own steps failed. So when the run's hold is closed, and nothing can be
captured any more, the rows of such jobs are read.
"""

from collections.abc import Iterator, Mapping

from showreel.films.pipeline import context
from showreel.films.pipeline.kept import keep
from showreel.films.pipeline.pieces import PieceRow, piece_name
from showreel.films.pipeline.plan import FilmPlan
from showreel.generation.service import get_job


def untold(plan: FilmPlan, pieces: Mapping[str, PieceRow]) -> Iterator[PieceRow]:
    """Yields the pieces that may have a job although their rows name none."""
    for kind, index in plan.ordered():
        piece = pieces[piece_name(kind, index)]
        if piece.job_id is None and not piece.reused:
            yield piece


def adopted(plan: FilmPlan, pieces: Mapping[str, PieceRow]) -> dict[str, PieceRow]:
    """Returns the pieces, completed by what this run or earlier ones paid for, and notes that on
    their rows. Final, because the run's hold is closed.
    """
    found = {name: _with_earlier(plan, piece) for name, piece in pieces.items()}
    for piece in untold(plan, pieces):
        job = get_job(plan.job_id(piece.kind, piece.index))
        if job is not None and job.credits_debited:
            paid = {"job_id": job.job_id, "asset_key": job.output_key}
            cost = {"credits": job.credits_debited, "cost_cents": job.cost_cents}
            found[piece_name(piece.kind, piece.index)] = piece.model_copy(update=paid | cost)
    for name, piece in found.items():
        if piece != pieces[name]:
            keep(plan, piece, found)
            if piece.job_id != pieces[name].job_id:
                context.pieces(plan.run_id).note_paid(piece)
    return found


def _with_earlier(plan: FilmPlan, piece: PieceRow) -> PieceRow:
    """Returns a piece that the run meant to reuse and hasn't reached, with the earlier file."""
    planned = (plan.clips if piece.kind == "clip" else plan.transitions)[piece.index]
    if planned.made is None or piece.is_over:
        return piece
    return piece.model_copy(update={"asset_key": planned.made.asset_key, "reused": True})
