import pytest

from showreel.media.profile import Profile


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [
        ("16:9", "720p", (1280, 720)),
        ("9:16", "720p", (720, 1280)),
        ("1:1", "720p", (720, 720)),
        ("16:9", "1080p", (1920, 1080)),
        ("9:16", "1080p", (1080, 1920)),
        ("1:1", "1080p", (1080, 1080)),
    ],
)
def test_size_comes_from_ratio_and_resolution(ratio, resolution, size) -> None:
    profile = Profile.of(ratio, resolution, 24)
    assert (profile.width, profile.height) == size


def test_a_draft_differs_only_in_how_it_is_rendered_and_encoded() -> None:
    film, draft = (Profile.of("9:16", "1080p", 30, draft=draft) for draft in (False, True))
    assert draft == film.model_copy(update={"preset": "ultrafast", "crf": 26, "draft": True})


def test_a_frame_is_512_ticks_at_any_rate() -> None:
    assert [Profile.of("16:9", "720p", fps).timescale / fps for fps in (24, 25, 30, 60)] == [
        512
    ] * 4


@pytest.mark.parametrize(
    ("frames", "transitions"), [(120, [12, 108]), (24, [12]), (12, []), (6, [])]
)
def test_cuts_are_forced_where_crossfades_may_be(frames, transitions) -> None:
    assert Profile.of("16:9", "720p", 24).transition_frames(frames) == transitions


def test_arguments_depend_on_nothing_but_profile_and_length() -> None:
    arguments = Profile.of("16:9", "1080p", 30).encode_arguments(150)
    assert arguments == Profile.of("16:9", "1080p", 30).encode_arguments(150)
    assert arguments[arguments.index("-level:v") + 1] == "4.0"
    assert arguments[arguments.index("-force_key_frames") + 1] == "0.483333,4.483333"
    assert arguments[arguments.index("-video_track_timescale") + 1] == "15360"
