"""Beyond films: videos from any place on, transitions of any length, speech at its shot."""

from itertools import accumulate

import pytest

from showreel.media.compile import compile_film
from showreel.media.cues import InFilm
from showreel.media.movie import read_movie
from showreel.media.normalise import normalise_clip
from showreel.media.plan import Clip, CompilePlan, RenderedTransition, SoundSpan, TransitionKind
from showreel.media.profile import Profile
from showreel.media.sound import decode_sound
from showreel.media.transition import encode_crossfade
from tests.media.decoding import (
    difference,
    ffmpeg,
    frame,
    frame_hashes,
    frame_times,
    make_clip,
    sound_samples,
)

SMALL = Profile(width=160, height=90, fps=12, preset="ultrafast")


def test_a_video_can_be_shown_from_any_place_on(tmp_path) -> None:
    source = make_clip(tmp_path / "in.mp4", fps=12, size="160x90", seconds=3, sound="sine=440")
    (tmp_path / "out").mkdir()
    made = normalise_clip(
        source,
        tmp_path / "out",
        SMALL,
        expected_frames=12,
        start_seconds=1.25,
        in_film=InFilm(cuts=(5,)),
    )
    assert (made.frames, made.has_sound) == (12, True)
    assert 5 in read_movie(made.video).picture.sync_frames
    for number in (0, 5, 11):
        same, next_ = (frame(source, 15 + number + step) for step in (0, 1))
        shown = frame(made.video, number)
        assert difference(shown, same) < difference(shown, next_)


def test_a_video_that_is_over_holds_its_last_frame(tmp_path) -> None:
    source = make_clip(tmp_path / "in.mp4", fps=12, size="160x90", seconds=2)
    (tmp_path / "out").mkdir()
    made = normalise_clip(source, tmp_path / "out", SMALL, expected_frames=18, start_seconds=1.0)
    hashes = frame_hashes(made.video)
    assert len(hashes) == 18
    assert difference(frame(made.video, 12), frame(made.video, 17)) < 1


def test_clips_of_a_frame_or_two_are_a_film(tmp_path) -> None:
    source = make_clip(tmp_path / "in.mp4", fps=12, size="160x90")
    clips = []
    for name, frames, cut in (("a", 2, 1), ("b", 1, None)):
        (tmp_path / name).mkdir()
        in_film = InFilm(cuts=(cut,) if cut else ())
        made = normalise_clip(
            source, tmp_path / name, SMALL, expected_frames=frames, in_film=in_film
        )
        clips.append(made.video)
    transition = tmp_path / "transition.mp4"
    encode_crossfade(*clips, transition, SMALL, frames=1)
    plan = CompilePlan(
        SMALL,
        (Clip(clips[0], 2), Clip(clips[1], 1)),
        (RenderedTransition(TransitionKind.CROSSFADE, transition, 1),),
    )
    assert frame_times(compile_film(plan, tmp_path).path) == [0, 1]


@pytest.mark.parametrize("kind", ["fade", "dissolve"])
def test_a_transition_of_any_length_is_all_that_is_encoded(tmp_path, kind) -> None:
    clips = []
    for name, source in (("a", "testsrc2"), ("b", "testsrc")):
        given = make_clip(tmp_path / f"{name}.mp4", fps=12, size="160x90", source=source)
        (tmp_path / name).mkdir()
        cuts = (24 - 5,) if name == "a" else (5,)
        in_film = InFilm(cuts=cuts)
        clips.append(
            normalise_clip(given, tmp_path / name, SMALL, expected_frames=24, in_film=in_film)
        )
    transition = tmp_path / "transition.mp4"
    first, second = (clip.video for clip in clips)
    assert encode_crossfade(first, second, transition, SMALL, transition=kind, frames=5) == 5
    plan = CompilePlan(
        SMALL,
        tuple(Clip(clip.video, 24) for clip in clips),
        (RenderedTransition(TransitionKind.CROSSFADE, transition, 5),),
    )
    film = compile_film(plan, tmp_path)
    assert frame_times(film.path) == list(range(24 + 24 - 5))
    parts = (frame_hashes(first)[:19], frame_hashes(transition), frame_hashes(second)[5:])
    assert frame_hashes(film.path) == [one for part in parts for one in part]


def test_a_speech_is_heard_at_its_shot_and_as_loud_as_it_shall_be(tmp_path, clips, profile) -> None:
    given, decoded = tmp_path / "speech.mp3", tmp_path / "speech.wav"
    ffmpeg("-f", "lavfi", "-i", "sine=440:d=0.9", "-af", "volume=4", given)
    decode_sound(given, decoded, 48_000)
    spans = tuple(
        SoundSpan(decoded, start, 20, gain=gain) for start, gain in ((48, 1.0), (72, 0.25))
    )
    silent = Clip(clips.silent.video, 48)
    plan = CompilePlan(profile, (silent, silent), (RenderedTransition(),), spans)
    samples = sound_samples(compile_film(plan, tmp_path).path)
    loud, quiet = 48 * 2000, 72 * 2000
    first = next(i for i, sample in enumerate(samples) if abs(sample) > 200)
    assert abs(first - loud) < 2000  # one frame
    power = list(accumulate((s * s for s in samples), initial=0))

    def level(start: int) -> float:
        return ((power[start + 12_000] - power[start + 4_000]) / 8_000) ** 0.5

    assert level(quiet) / level(loud) == pytest.approx(0.25, rel=0.1)
