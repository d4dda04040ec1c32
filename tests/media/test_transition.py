from itertools import pairwise
from pathlib import Path

import pytest

from showreel.core.errors import MediaError
from showreel.media.movie import read_movie
from showreel.media.normalise import parameter_sets
from showreel.media.profile import Profile
from showreel.media.transition import encode_crossfade, normalise_transition
from tests.media.decoding import difference, frame, frame_hashes, frame_times, make_clip


@pytest.mark.parametrize("effect", ["fade", "smoothleft", "smoothright", "zoomin", "circleopen"])
def test_a_crossfade_is_the_shared_frames_alone(tmp_path, clips, profile, effect) -> None:
    transition = tmp_path / "transition.mp4"
    frames = encode_crossfade(
        clips.low.video, clips.high.video, transition, profile, transition=effect
    )
    assert (frames, frame_times(transition)) == (12, list(range(12)))
    assert difference(frame(transition, 0), frame(clips.low.video, 36)) < 4
    assert read_movie(transition).picture.parameter_sets == parameter_sets(profile)


def test_a_crossfade_goes_from_one_to_the_other(tmp_path, clips, profile) -> None:
    transition = tmp_path / "transition.mp4"
    encode_crossfade(clips.low.video, clips.high.video, transition, profile)
    away = [difference(frame(transition, n), frame(clips.high.video, n)) for n in (0, 3, 6, 9, 11)]
    assert all(later < earlier for earlier, later in pairwise(away))
    assert away[-1] < 12


def test_an_unknown_transition_never_reaches_the_graph(tmp_path, clips, profile) -> None:
    with pytest.raises(ValueError, match="transition"):
        encode_crossfade(
            clips.low.video, clips.high.video, tmp_path / "j.mp4", profile, transition="fade[x]"
        )


@pytest.mark.parametrize(("seconds", "fps"), [(3, 24), (4, 30), (2, 25)])
def test_an_ai_transition_is_a_second_without_freezes(
    tmp_path: Path, profile: Profile, seconds: float, fps: float
) -> None:
    source = make_clip(tmp_path / "in.mp4", seconds=seconds, fps=fps, size="320x180")
    frames = normalise_transition(source, tmp_path / "ai.mp4", profile)
    hashes = frame_hashes(tmp_path / "ai.mp4")
    assert (frames, len(hashes), len(set(hashes))) == (24, 24, 24)
    ends = [difference(frame(tmp_path / "ai.mp4", n), frame_of(source, n)) for n in (0, 23)]
    assert min(ends) > 2


def frame_of(source: Path, number: int):
    whole = frame(source, 0 if number == 0 else read_movie(source).picture.samples - 1)
    return whole.resize((160, 90))


def test_a_broken_transition_is_a_media_error(tmp_path: Path, profile: Profile) -> None:
    (tmp_path / "in.mp4").write_text("<html>")
    with pytest.raises(MediaError):
        normalise_transition(tmp_path / "in.mp4", tmp_path / "ai.mp4", profile)
