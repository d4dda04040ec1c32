"""Transitions: made as soon as both neighbours are there, by whoever finished a piece.

There is no barrier between clips and transitions. The Map iteration that finishes a piece looks for
the next transition that can be made, claims it by a conditional write, and makes it before it ends,
so clips and transitions together never exceed the Map's concurrency.
"""

from collections.abc import Mapping

from showreel.films.pipeline import context
from showreel.films.pipeline.pieces import Piece, Pieces, piece_name
from showreel.films.pipeline.plan import Plan
from showreel.films.pipeline.progress import piece_finished
from showreel.films.pipeline.steps import NextPiece
from showreel.runs.executions import answer_token, refuse_token


def claim_next(plan: Plan, owner: int) -> NextPiece:
    """The next transition for the iteration `owner`: one it has claimed already, or a ready one.

    Transitions beside a failed clip become cuts on the way.
    """
    store = context.pieces(plan.run_id)
    pieces = store.all(plan)
    transitions = [
        pieces[piece_name("transition", transition.index)] for transition in plan.transitions
    ]
    mine_first = sorted(transitions, key=lambda transition: transition.claimed_by != owner)
    for transition in mine_first:
        if _is_ready(transition, owner, pieces) and _claim(store, plan, transition, owner, pieces):
            route = "seamless" if transition.transition_type == "seamless" else "crossfade"
            return NextPiece(route=route, index=transition.index)
    return NextPiece(route="none")


def tell(token: str, piece: NextPiece) -> None:
    """Ends the state that finished a piece: with success if the iteration has no more to make, else
    with an error by the next transition's route, whose cause is its number. Raises Transient.
    """
    if piece.route == "none":
        answer_token(token, {})
    else:
        refuse_token(token, piece.route, piece.index)


def _is_ready(transition: Piece, owner: int, pieces: Mapping[str, Piece]) -> bool:
    if transition.is_over or transition.claimed_by not in (None, owner):
        return False
    return all(neighbour.is_over for neighbour in _neighbours(transition, pieces))


def _neighbours(transition: Piece, pieces: Mapping[str, Piece]) -> tuple[Piece, Piece]:
    first, second = piece_name("clip", transition.index), piece_name("clip", transition.index + 1)
    return pieces[first], pieces[second]


def _claim(
    store: Pieces, plan: Plan, transition: Piece, owner: int, pieces: Mapping[str, Piece]
) -> bool:
    if any(neighbour.status == "failed" for neighbour in _neighbours(transition, pieces)):
        become_cut(store, plan, transition, "clip_failed")
        return False
    return store.claim(transition, owner)


def become_cut(store: Pieces, plan: Plan, transition: Piece, reason: str) -> None:
    """Gives a transition up: its neighbours will meet without one."""
    changes = {"status": "done", "transition_type": "cut", "reason": reason}
    cut = transition.model_copy(update=changes)
    store.finish(cut)
    piece_finished(plan, cut)
