from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showreel.media.plan import (
    Clip,
    CompilePlan,
    RenderedTransition,
    TransitionKind,
    clip_starts,
    segments,
    sound_spans,
    total_frames,
)
from showreel.media.profile import Profile

PROFILE = Profile.of("16:9", "720p", 24)
FADE = RenderedTransition(TransitionKind.CROSSFADE, Path("x.mp4"), 12)
AI = RenderedTransition(TransitionKind.AI, Path("ai.mp4"), 24)
CUT = RenderedTransition()


def film(lengths: list[int], transitions: list[RenderedTransition]) -> CompilePlan:
    clips = tuple(Clip(Path(f"{i}.mp4"), n, Path(f"{i}.wav")) for i, n in enumerate(lengths))
    return CompilePlan(PROFILE, clips, tuple(transitions))


def test_ten_clips_with_crossfades_are_1092_frames() -> None:
    assert total_frames(film([120] * 10, [FADE] * 9)) == 1092


def test_mixed_transitions() -> None:
    plan = film([120] * 4, [CUT, FADE, AI])
    assert clip_starts(plan) == [0, 120, 228, 372]
    assert [(s.video.stem, s.start, s.end) for s in segments(plan)] == [
        ("0", 0, 120),
        ("1", 0, 108),
        ("x", 0, 12),
        ("2", 12, 120),
        ("ai", 0, 24),
        ("3", 0, 120),
    ]
    assert [(s.start, s.fade_in, s.fade_out) for s in sound_spans(plan)] == [
        (0, 0, 0),
        (120, 0, 12),
        (228, 12, 0),
        (372, 0, 0),
    ]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(24, 240), st.sampled_from([CUT, FADE, AI])), min_size=1, max_size=20
    )
)
def test_sound_and_picture_agree_about_every_start(parts) -> None:
    plan = film([length for length, _ in parts], [transition for _, transition in parts[1:]])
    last = sound_spans(plan)[-1]
    assert last.start + last.length == total_frames(plan)
    shared = sum(transition.overlap - transition.between for transition in plan.transitions)
    assert total_frames(plan) == sum(clip.frames for clip in plan.clips) - shared


def test_what_cannot_be_is_refused() -> None:
    for lengths, transitions in [([], []), ([120, 120], []), ([120, 20, 120], [FADE, FADE])]:
        with pytest.raises(ValueError, match="clip"):
            film(lengths, transitions)
    with pytest.raises(ValueError, match="rendered piece"):
        RenderedTransition(TransitionKind.CROSSFADE)
