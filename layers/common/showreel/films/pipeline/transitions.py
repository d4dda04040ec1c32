"""Starts transitions: the iteration of the clip before makes each when both neighbours exist.

The state that finishes a clip ends when its token is answered: by its own step if the next clip is
over too, else by the step that finishes that one. There is no barrier, and no transition waits for
another.

    a clip's row is over → the iteration's token on the next transition's row → read all rows

Each step does these in that order, so the second of two neighbours always sees the first.
"""

from typing import Literal

from showreel.films.pipeline import context
from showreel.films.pipeline.pieces import PieceRow, Pieces, piece_name
from showreel.films.pipeline.plan import FilmPlan
from showreel.films.pipeline.progress import piece_finished
from showreel.runs.executions import answer_token, refuse_token

Route = Literal["seamless", "crossfade", "none"]
"""How an iteration goes on. All but `none`, which ends it, are error names in the ASL."""


def go_on(plan: FilmPlan, index: int, token: str) -> None:
    """Answers the state of clip `index`, which is over, or keeps its token until the next clip is
    over; and answers the state that waits for this clip. Safe to repeat. Raises Transient.
    """
    store = context.pieces(plan.run_id)
    waits = index < len(plan.transitions) and store.keep_token(plan, index, token)
    pieces = store.all(plan)
    for number in range(max(0, index - 1), min(index + 1, len(plan.transitions))):
        transition = pieces[piece_name("transition", number)]
        first, second = (pieces[piece_name("clip", number + step)] for step in (0, 1))
        if transition.token and first.is_over and second.is_over:
            end_state(transition.token, _route(store, plan, transition, first, second))
    if not waits:
        end_state(token, "none")


def end_state(token: str, route: Route) -> None:
    """Ends the state that finished a clip: with success for `none`, else with the route as the
    error's name. Raises Transient.
    """
    if route == "none":
        answer_token(token, {})
    else:
        refuse_token(token, route, {})


def _route(
    store: Pieces, plan: FilmPlan, transition: PieceRow, first: PieceRow, second: PieceRow
) -> Route:
    """Returns how to go on with a transition; beside a failed clip it becomes a cut."""
    if transition.is_over:
        return "none"
    if "failed" in (first.status, second.status):
        become_cut(store, plan, transition, "clip_failed")
        return "none"
    return "seamless" if transition.transition_type == "seamless" else "crossfade"


def become_cut(store: Pieces, plan: FilmPlan, transition: PieceRow, reason: str) -> None:
    """Ends a transition as a cut, for `reason`."""
    changes = {"status": "done", "transition_type": "cut", "reason": reason}
    cut = transition.model_copy(update=changes)
    store.put(cut)
    piece_finished(plan, cut)
