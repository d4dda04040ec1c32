"""Estimates: the documented prices, and the limit that grows with what must be made."""

import pytest

from showreel.catalog import get_model
from showreel.films.projects.estimate import estimate, limit_minutes
from tests.unit.films.support import film

KLING = get_model("kling-v2.6-pro")
BUILTIN = get_model("showreel/camera-motion")


def test_ten_silent_clips_with_cuts_cost_the_documented_3_50() -> None:
    result = estimate(film(10, transition_type="cut"), KLING)
    assert (result.clips_cents, result.audio_cents, result.transitions_cents) == (350, 0, 0)
    assert (result.total_cents, result.credits, result.limit_minutes) == (350, 300, 34)


def test_native_audio_doubles_the_clips_and_not_the_transitions() -> None:
    result = estimate(film(2, generate_native_audio=True), KLING)
    assert (result.clips_cents, result.audio_cents, result.transitions_cents) == (70, 70, 35)
    assert result.total_cents == 175


def test_ten_seconds_cost_twice_as_much() -> None:
    result = estimate(film(1, duration_seconds=10), KLING)
    assert (result.clips_cents, result.credits) == (70, 60)


def test_a_seamless_transition_costs_the_seconds_the_model_makes() -> None:
    result = estimate(film(3), KLING)
    assert result.transitions_cents == 2 * 35
    assert result.credits == 3 * 30 + 2 * 30
    short = estimate(film(3), get_model("kling-v3.0"))
    assert short.transitions_cents == 2 * -(-56 * 3 // 5)


def test_crossfades_and_the_last_clips_transition_are_free() -> None:
    assert estimate(film(4, transition_type="crossfade"), KLING).transitions_cents == 0
    assert estimate(film(1), KLING).transitions_cents == 0


def test_camera_motion_crossfades_for_one_credit_a_clip() -> None:
    result = estimate(film(5), BUILTIN)
    assert (result.total_cents, result.credits, result.limit_minutes) == (0, 5, 30)


def test_an_empty_film_costs_nothing() -> None:
    result = estimate(film(0), KLING)
    assert (result.total_cents, result.credits, result.limit_minutes) == (0, 0, 30)


@pytest.mark.parametrize(
    ("clips", "transitions", "minutes"),
    [(1, 0, 30), (10, 9, 52), (20, 19, 94), (6, 5, 34), (5, 4, 34)],
)
def test_the_limit_is_half_an_hour_or_what_the_film_needs(
    clips: int, transitions: int, minutes: int
) -> None:
    assert limit_minutes(clips, transitions) == minutes
