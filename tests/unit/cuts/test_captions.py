"""An export's captions: to the frame, in parts of two lines, and never markup."""

import re
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from showreel.cuts.captions import cues, cues_of_clip, cues_of_transition, sub_rip, web_vtt
from showreel.cuts.models import ExportSettings, TextRow, Timeline
from showreel.cuts.plan import CutPlan, make_plan
from showreel.media.captions import LINE_LENGTH, line_width
from showreel.media.cues import Cue
from showreel.media.lettering import width_of
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


def test_a_long_caption_is_split_into_parts_without_a_gap() -> None:
    made = plan(row(1, duration_ms=9000, caption=LONG), captions="sidecar")
    found = cues(made)
    assert len(found) > 1
    assert (found[0].start, found[-1].end) == (0, 216)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert " ".join(line for cue in found for line in cue.lines) == LONG


def test_a_line_break_ends_no_cue() -> None:
    text = "One\n\n00:00:00,000 --> 00:00:09,000\nTwo"
    own = TextRow(id="t", text=text, start_ms=0, duration_ms=900)
    made = plan(row(1), texts=(own,), captions="sidecar")
    assert web_vtt(made).count("\n\n") == len(cues(made)) == 2
    assert re.findall(r"^\d.*-->.*$", sub_rip(made), re.MULTILINE) == [
        "00:00:00,000 --> 00:00:00,833",
        "00:00:00,833 --> 00:00:00,917",
    ]


def test_texts_of_a_users_own_are_at_the_top() -> None:
    own = TextRow(id="t", text="Warsaw, 1950", start_ms=0, duration_ms=1000)
    made = plan(row(1), texts=(own,), captions="both")
    assert web_vtt(made) == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000 line:0\nWarsaw, 1950\n"


def burnt(made: CutPlan) -> list[Cue]:
    """What clips and transitions bear, in the film's frames, joined again where it goes on."""
    parts = [
        replace(cue, start=cue.start + start, end=cue.end + start)
        for start, found in (
            *((clip.start, cues_of_clip(made, clip)) for clip in made.clips),
            *(
                (made.clips[transition.index + 1].start, cues_of_transition(made, transition))
                for transition in made.transitions
            ),
        )
        for cue in found
    ]
    whole: list[Cue] = []
    for cue in sorted(parts, key=lambda cue: (cue.place, cue.start)):
        if whole and (whole[-1].lines, whole[-1].end) == (cue.lines, cue.start):
            whole[-1] = replace(whole[-1], end=cue.end)
        else:
            whole.append(cue)
    return sorted(whole, key=lambda cue: (cue.start, cue.end))


def test_what_is_burnt_is_what_the_sidecars_say() -> None:
    own = TextRow(id="t", text="Warsaw, 1950", start_ms=4000, duration_ms=6000)
    rows = (row(1, voice_over=voice(4000), caption=LONG), row(2, caption="Quiet"), row(3))
    made = plan(*rows, texts=(own,), captions="both", transition=CROSSFADE)
    assert burnt(made) == cues(made)
    clip, transition = made.clips[1], made.transitions[0]
    # a transition bears its captions itself: a clip doesn't change with its neighbours'
    assert [cue.start for cue in cues_of_clip(made, clip)] == [12, 12]
    assert {cue.lines[0] for cue in cues_of_transition(made, transition)} == {
        "Quiet",
        "Warsaw, 1950",
    }
    sidecar = plan(*rows, texts=(own,), captions="sidecar", transition=CROSSFADE)
    assert (cues(sidecar), burnt(sidecar)) == (cues(made), [])


@given(
    st.text(min_size=1, max_size=400).filter(str.strip),
    st.integers(1, 5000),
    st.sampled_from(["16:9", "9:16", "1:1"]),
)
def test_what_holds_for_every_text(text: str, milliseconds: int, ratio: str) -> None:
    own = TextRow(id="t", text=text, start_ms=100, duration_ms=milliseconds)
    timeline = Timeline(
        project_id="p", workspace_id="w", rows=(row(1, duration_ms=6000),), texts=(own,)
    )
    made = make_plan(timeline, ExportSettings(aspect_ratio=ratio, captions="both"))
    found = cues(made)
    for cue in found:
        assert cue.start < cue.end
        assert len(cue.lines) <= 2
        assert all(len(line) <= LINE_LENGTH for line in cue.lines)
        assert all(width_of(line) <= line_width(made.profile) + 0.1 for line in cue.lines)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert burnt(made) == found
