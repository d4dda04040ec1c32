"""Joints: made as soon as both neighbours are there, by whoever finished a piece.

There is no barrier between clips and joints. The Map iteration that finishes a piece looks for the
next joint that can be made, claims it by a conditional write, and makes it before it ends, so clips
and joints together never exceed the Map's concurrency.
"""

from collections.abc import Mapping

from showreel.films.pipeline import context
from showreel.films.pipeline.pieces import Piece, Pieces, piece_name
from showreel.films.pipeline.plan import Plan
from showreel.films.pipeline.progress import piece_finished
from showreel.films.pipeline.steps import NextPiece
from showreel.generation.tokens import answer_token, refuse_token


def claim_next(plan: Plan, owner: int) -> NextPiece:
    """The next joint for the iteration `owner`: one it has claimed already, or a ready one.

    Joints beside a failed clip become cuts on the way.
    """
    store = context.pieces(plan.run_id)
    pieces = store.all(plan)
    joints = [pieces[piece_name("joint", joint.index)] for joint in plan.joints]
    mine_first = sorted(joints, key=lambda joint: joint.claimed_by != owner)
    for joint in mine_first:
        if _is_ready(joint, owner, pieces) and _claim(store, plan, joint, owner, pieces):
            route = "seamless" if joint.joint_kind == "seamless" else "crossfade"
            return NextPiece(route=route, index=joint.index)
    return NextPiece(route="none")


def tell(token: str, piece: NextPiece) -> None:
    """Ends the state that finished a piece: with success if the iteration has no more to make, else
    with an error by the next joint's route, whose cause is the joint's number. Raises Transient.
    """
    if piece.route == "none":
        answer_token(token, {})
    else:
        refuse_token(token, piece.route, piece.index)


def _is_ready(joint: Piece, owner: int, pieces: Mapping[str, Piece]) -> bool:
    if joint.is_over or joint.claimed_by not in (None, owner):
        return False
    return all(neighbour.is_over for neighbour in _neighbours(joint, pieces))


def _neighbours(joint: Piece, pieces: Mapping[str, Piece]) -> tuple[Piece, Piece]:
    first, second = piece_name("clip", joint.index), piece_name("clip", joint.index + 1)
    return pieces[first], pieces[second]


def _claim(
    store: Pieces, plan: Plan, joint: Piece, owner: int, pieces: Mapping[str, Piece]
) -> bool:
    if any(neighbour.status == "failed" for neighbour in _neighbours(joint, pieces)):
        become_cut(store, plan, joint, "clip_failed")
        return False
    return store.claim(joint, owner)


def become_cut(store: Pieces, plan: Plan, joint: Piece, reason: str) -> None:
    """Gives a joint up: its neighbours will meet without one."""
    changes = {"status": "done", "joint_kind": "cut", "reason": reason}
    cut = joint.model_copy(update=changes)
    store.finish(cut)
    piece_finished(plan, cut)
