"""The plan of an export: exact frames, whatever the rows say."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from showreel.cuts.models import (
    CutRow,
    ExportSettings,
    MusicRow,
    TextRow,
    Timeline,
    Transition,
    VoiceOver,
)
from showreel.cuts.plan import CutPlan, adjusted, make_plan

CROSSFADE = Transition(kind="crossfade", duration_ms=500)


def row(number: int = 1, **fields) -> CutRow:
    common = {"scene_number": 1, "shot_number": number, "kind": "video", "duration_ms": 5000}
    return CutRow(id=f"shot-{number}", scene_id="scene", key=f"v/{number}.mp4", **common | fields)


def plan(*rows: CutRow, texts: tuple[TextRow, ...] = (), **settings) -> CutPlan:
    timeline = Timeline(project_id="p", workspace_id="w", rows=rows, texts=texts)
    return make_plan(timeline, ExportSettings(aspect_ratio="16:9", **settings))


def voice(milliseconds: int) -> VoiceOver:
    return VoiceOver(key="audio/v.mp3", source_ms=milliseconds)


def test_cuts_follow_each_other_without_a_gap():
    made = plan(row(1, duration_ms=5040), row(2, duration_ms=3000), row(3, duration_ms=1010))
    assert [(clip.start, clip.frames) for clip in made.clips] == [(0, 121), (121, 72), (193, 24)]
    assert made.frames == 217
    assert [transition.kind for transition in made.transitions] == ["cut", "cut"]


def test_a_crossfade_is_shared_by_its_neighbours():
    made = plan(row(1), row(2), transition=CROSSFADE)
    assert [(clip.start, clip.end) for clip in made.clips] == [(0, 120), (108, 228)]
    assert (made.transitions[0].frames, made.clips[0].cuts, made.clips[1].cuts) == (
        12,
        (108,),
        (12,),
    )


def test_a_rows_own_transition_counts_before_the_exports():
    dissolve = Transition(kind="dissolve", duration_ms=1000)
    made = plan(row(1, transition=dissolve), row(2, transition=Transition()), row(3), fps=30)
    assert [(transition.kind, transition.frames) for transition in made.transitions] == [
        ("dissolve", 30),
        ("cut", 0),
    ]
    cut_last = plan(row(1), row(2, transition=Transition()), row(3), transition=CROSSFADE)
    assert [transition.kind for transition in cut_last.transitions] == ["crossfade", "cut"]


def test_a_shot_lasts_until_its_voice_over_ends_and_the_next_one_begins():
    spoken = [row(1, voice_over=voice(6010)), row(2, voice_over=voice(2000))]
    made = plan(*spoken, transition=CROSSFADE)
    assert [(clip.start, clip.frames) for clip in made.clips] == [(0, 157), (145, 120)]
    assert [(speech.start, speech.frames) for speech in made.speeches] == [(0, 145), (145, 48)]
    timeline = Timeline(project_id="p", workspace_id="w", rows=tuple(spoken))
    (told,) = adjusted(timeline, made)
    assert (told.row_id, told.duration_ms, told.reason) == ("shot-1", 6542, "voice_over")


def test_a_voice_over_that_is_not_heard_needs_no_time():
    silent = plan(row(1, voice_over=voice(9000), voice_volume=0))
    without_sound = plan(row(1, voice_over=voice(9000)), include_audio=False)
    assert (silent.frames, silent.speeches) == (without_sound.frames, without_sound.speeches)
    assert silent.frames == 120


def test_a_video_that_is_too_long_for_one_row_is_reported():
    timeline = Timeline(
        project_id="p",
        workspace_id="w",
        rows=(row(1, source_ms=125_000, duration_ms=120_000),),
    )
    made = make_plan(timeline, ExportSettings(aspect_ratio="16:9"))
    assert [told.reason for told in adjusted(timeline, made)] == ["too_long"]


def test_rows_that_a_user_left_out_are_not_shown():
    made = plan(row(1), row(2, included=False), row(3), transition=CROSSFADE)
    assert [clip.row_id for clip in made.clips] == ["shot-1", "shot-3"]
    assert made.frames == 228


def test_captions_last_as_long_as_they_are_spoken():
    own = TextRow(id="t", text="The end", start_ms=9000, duration_ms=60_000)
    late = TextRow(id="u", text="Never", start_ms=90_000, duration_ms=1000)
    said = row(1, voice_over=voice(2000), caption="Hello"), row(2, caption="Quiet")
    made = plan(*said, texts=(own, late), captions="sidecar", transition=CROSSFADE)
    assert [(text.text, text.start, text.end, text.row_id) for text in made.texts] == [
        ("Hello", 0, 48, "shot-1"),
        ("Quiet", 108, 228, "shot-2"),
        ("The end", 216, 228, None),
    ]
    assert plan(*said, texts=(own,)).texts == ()


def test_music_can_be_made_quieter_for_one_export():
    music = MusicRow(track_id="calm", volume=80)
    timeline = Timeline(project_id="p", workspace_id="w", rows=(row(),), music=music)
    settings = ExportSettings(aspect_ratio="16:9")
    assert make_plan(timeline, settings).music == music
    quieter = settings.model_copy(update={"music_volume": 10})
    assert make_plan(timeline, quieter).music == MusicRow(track_id="calm", volume=10)
    assert make_plan(timeline, settings.model_copy(update={"include_audio": False})).music is None


TRANSITIONS = st.none() | st.builds(
    Transition,
    kind=st.sampled_from(["cut", "crossfade", "dissolve"]),
    duration_ms=st.integers(0, 3000),
)
VOICES = st.none() | st.builds(voice, st.integers(1, 20_000))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "duration_ms": st.integers(1, 20_000),
            "transition": TRANSITIONS,
            "voice_over": VOICES,
            "voice_volume": st.sampled_from([0, 100]),
            "included": st.booleans(),
        }
    ),
    max_size=12,
)


@given(ROWS, st.integers(12, 60))
def test_what_holds_for_every_plan(fields, fps):
    made = plan(*(row(n, **f) for n, f in enumerate(fields)), fps=fps, transition=CROSSFADE)
    for clip in made.clips:
        assert clip.frames >= 1
        assert clip.fade_in + clip.fade_out <= clip.frames
    for (first, second), transition in zip(pairwise(made.clips), made.transitions, strict=True):
        assert second.start == first.end - transition.frames
        assert first.fade_out == second.fade_in == transition.frames
        assert (transition.frames == 0) == (transition.kind == "cut")
    clips = {clip.row_id: clip for clip in made.clips}
    for speech in made.speeches:
        assert speech.start == clips[speech.row_id].start
        assert speech.start + speech.frames <= clips[speech.row_id].end
    for first, second in pairwise(made.speeches):
        assert first.start + first.frames <= second.start
