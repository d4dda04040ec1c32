"""The one rule of how shapes fill frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showreel.core.framing import around, framing_of, inside

SIDES = st.integers(16, 4096)
SIZES = st.tuples(SIDES, SIDES)
EVEN = st.tuples(*(st.integers(16, 1024).map(lambda half: 2 * half),) * 2)


@pytest.mark.parametrize(
    ("have", "want", "framing"),
    [
        ((1600, 900), (16, 9), "as_is"),
        ((1280, 716), (16, 9), "crop"),
        ((4096, 2305), (16, 9), "as_is"),
        ((4000, 3000), (16, 9), "crop"),
        ((3000, 2000), (16, 9), "crop"),
        ((2000, 2000), (16, 9), "pad"),
        ((3000, 4000), (16, 9), "pad"),
        ((3000, 4000), (9, 16), "crop"),
        ((2000, 3000), (9, 16), "crop"),
        ((4000, 3000), (9, 16), "pad"),
        ((4000, 3000), (1, 1), "crop"),
        ((3000, 2000), (1, 1), "pad"),
        ((1600, 900), (1, 1), "pad"),
        ((1000, 700), (1, 1), "crop"),
        ((1001, 700), (1, 1), "pad"),
    ],
)
def test_auto_crops_what_loses_at_most_three_tenths(have, want, framing) -> None:
    assert framing_of(have, want, "auto") == framing
    chosen = {fit: framing_of(have, want, fit) for fit in ("crop", "pad")}
    shown = {"crop": "crop", "pad": "pad"} if framing != "as_is" else dict.fromkeys(chosen, "as_is")
    assert chosen == shown


@given(SIZES, EVEN)
def test_what_is_inside_or_around_a_frame_touches_it_and_lies_evenly(have, frame) -> None:
    whole, filling = inside(have, frame), around(have, frame)
    assert all(
        0 < own <= side and (side - own) % 4 == 0 for own, side in zip(whole, frame, strict=True)
    )
    assert any(own == side for own, side in zip(whole, frame, strict=True))
    assert all(own >= side and own % 2 == 0 for own, side in zip(filling, frame, strict=True))
    assert any(own == side for own, side in zip(filling, frame, strict=True))
