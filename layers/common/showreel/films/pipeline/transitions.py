"""Transitions: each is made by the iteration of the clip before it, when both neighbours are there.

The state that finishes a clip ends when its token is answered: by itself, if the next clip is over
too, else by whoever finishes that one. There is no barrier, and no transition waits for another.

    a clip's row is over → the iteration's token on the next transition's row → read all rows

Each does these in that order, so whichever of two neighbours comes second sees the other.
"""

from typing import Literal

from showreel.films.pipeline import context
from showreel.films.pipeline.pieces import PieceRow, Pieces, piece_name
from showreel.films.pipeline.plan import FilmPlan
from showreel.films.pipeline.progress import piece_finished
from showreel.runs.executions import answer_token, refuse_token

Route = Literal["seamless", "crossfade", "none"]
"""How an iteration goes on; but for `none`, which ends it, they are error names in the ASL."""


def go_on(plan: FilmPlan, index: int, token: str) -> None:
    """After clip `index` is over: answers its state's token, or keeps it until the next clip is
    over, and answers the one that waits for this clip. Safe to repeat. Raises Transient.
    """
    store = context.pieces(plan.run_id)
    waits = index < len(plan.transitions) and store.keep_token(plan, index, token)
    pieces = store.all(plan)
    for number in range(max(0, index - 1), min(index + 1, len(plan.transitions))):
        transition = pieces[piece_name("transition", number)]
        first, second = (pieces[piece_name("clip", number + step)] for step in (0, 1))
        if transition.token and first.is_over and second.is_over:
            tell(transition.token, _route(store, plan, transition, first, second))
    if not waits:
        tell(token, "none")


def tell(token: str, route: Route) -> None:
    """Ends the state that finished a clip: with success if its iteration has no more to make, else
    with an error by the transition's route. Raises Transient.
    """
    if route == "none":
        answer_token(token, {})
    else:
        refuse_token(token, route, {})


def _route(
    store: Pieces, plan: FilmPlan, transition: PieceRow, first: PieceRow, second: PieceRow
) -> Route:
    """A transition beside a failed clip becomes a cut on the way."""
    if transition.is_over:
        return "none"
    if "failed" in (first.status, second.status):
        become_cut(store, plan, transition, "clip_failed")
        return "none"
    return "seamless" if transition.transition_type == "seamless" else "crossfade"


def become_cut(store: Pieces, plan: FilmPlan, transition: PieceRow, reason: str) -> None:
    """Gives a transition up: its neighbours will meet without one."""
    changes = {"status": "done", "transition_type": "cut", "reason": reason}
    cut = transition.model_copy(update=changes)
    store.put(cut)
    piece_finished(plan, cut)
