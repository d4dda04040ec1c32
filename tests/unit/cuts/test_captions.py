"""Captions beside a film: to the frame, in parts of two lines, and never markup."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from showreel.cuts.captions import LINE_LENGTH, cues, sub_rip, web_vtt
from showreel.cuts.models import TextRow
from tests.unit.cuts.test_plan import CROSSFADE, plan, row, voice

LONG = (
    "Nobody had called in nine years, and so she thought at first that the wind had found a way "
    "into the old receiver, which it sometimes did when the storm came from the north."
)


def test_a_short_caption_is_one_cue() -> None:
    made = plan(
        row(1, voice_over=voice(2000), caption="Say that <again> & again."),
        row(2, caption="Quiet"),
        captions="sidecar",
        transition=CROSSFADE,
    )
    assert web_vtt(made) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:02.000\nSay that &lt;again&gt; &amp; again.\n\n"
        "00:00:04.500 --> 00:00:09.500\nQuiet\n"
    )
    assert sub_rip(made) == (
        "1\n00:00:00,000 --> 00:00:02,000\nSay that <again> & again.\n\n"
        "2\n00:00:04,500 --> 00:00:09,500\nQuiet\n"
    )


def test_a_long_caption_is_told_in_parts_without_a_gap() -> None:
    made = plan(row(1, duration_ms=9000, caption=LONG), captions="sidecar")
    found = cues(made)
    assert len(found) > 1
    assert (found[0].start, found[-1].end) == (0, 216)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert " ".join(line for cue in found for line in cue.lines) == LONG


def test_a_line_break_ends_no_cue() -> None:
    own = TextRow(
        id="t", text="One\n\n00:00:00.000 --> 00:00:09.000\nTwo", start_ms=0, duration_ms=900
    )
    made = plan(row(1), texts=(own,), captions="sidecar")
    assert web_vtt(made).count("\n\n") == len(cues(made))
    assert re.findall(r"^\d.*-->.*$", sub_rip(made), re.MULTILINE) == [
        "00:00:00,000 --> 00:00:00,917"
    ]


@given(st.text(min_size=1, max_size=400).filter(str.strip), st.integers(1, 5000))
def test_what_holds_for_every_text(text: str, milliseconds: int) -> None:
    own = TextRow(id="t", text=text, start_ms=100, duration_ms=milliseconds)
    made = plan(row(1, duration_ms=6000), texts=(own,), captions="sidecar")
    found = cues(made)
    for cue in found:
        assert cue.start < cue.end
        assert len(cue.lines) <= 2
        assert all(len(line) <= LINE_LENGTH for line in cue.lines)
    assert all(one.end == other.start for one, other in pairwise(found))
