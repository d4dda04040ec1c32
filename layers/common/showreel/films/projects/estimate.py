"""Estimates a film's cost and time limit from the catalogue's prices.

Reuse is ignored: an estimate is the price of making every piece.
"""

import math

from showreel.catalog import Model, Price, price
from showreel.core.wire import Wire
from showreel.films.projects.models import ClipRow, Film

PIECES_AT_ONCE = 3
MINUTES_PER_ROUND = 6
OVERHEAD_MINUTES = 10
LEAST_LIMIT_MINUTES = 30
BUILTIN = "builtin"


class Estimate(Wire, frozen=True):
    """Costs in US cents, credits, and the limit of the run's active time.

    `audio_cents` is what native audio adds to the silent clips.
    """

    clips_cents: int
    audio_cents: int
    transitions_cents: int
    total_cents: int
    credits: int
    limit_minutes: int


def estimate(film: Film, model: Model) -> Estimate:
    """Returns the price and limit of the whole film if `model` makes it."""
    with_audio = film.project.generate_native_audio
    lengths = [clip.duration_seconds for clip in film.clips]
    silent = [price(model, seconds) for seconds in lengths]
    asked = [price(model, seconds, native_audio=with_audio) for seconds in lengths]
    transitions = generated_transitions(film, model)
    transition = transition_price(model) if transitions else Price(credits=0, cost_cents=0)
    clips_cents = sum(one.cost_cents for one in silent)
    audio_cents = sum(one.cost_cents for one in asked) - clips_cents
    transitions_cents = transition.cost_cents * len(transitions)
    return Estimate(
        clips_cents=clips_cents,
        audio_cents=audio_cents,
        transitions_cents=transitions_cents,
        total_cents=clips_cents + audio_cents + transitions_cents,
        credits=sum(one.credits for one in asked) + transition.credits * len(transitions),
        limit_minutes=limit_minutes(len(film.clips), len(transitions)),
    )


def transition_price(model: Model) -> Price:
    """Returns what a generated transition costs: silent, for the seconds made before trimming."""
    return price(model, transition_seconds(model))


def transition_seconds(model: Model) -> int:
    """Returns the shortest length that the model makes, in seconds; 0 if it states none."""
    durations = model.capabilities.duration_seconds
    return durations.choices()[0] if durations else 0


def makes_transitions(model: Model) -> bool:
    """Returns whether the model generates transitions. The built-in one crossfades, free."""
    takes_end_image = model.capabilities.inputs.end_image != "none"
    return takes_end_image and model.binding.provider != BUILTIN


def generated_transitions(film: Film, model: Model) -> tuple[tuple[ClipRow, ClipRow], ...]:
    """Returns the pairs of clips between which the model generates a transition."""
    if not makes_transitions(model):
        return ()
    return tuple(
        transition
        for transition in film.transitions()
        if transition[0].transition_type == "seamless"
    )


def limit_minutes(clips: int, transitions: int) -> int:
    """Returns the limit of a run's active time in minutes: 30, or more for longer films."""
    rounds = math.ceil(clips / PIECES_AT_ONCE) + math.ceil(transitions / PIECES_AT_ONCE)
    return max(LEAST_LIMIT_MINUTES, OVERHEAD_MINUTES + MINUTES_PER_ROUND * rounds)
