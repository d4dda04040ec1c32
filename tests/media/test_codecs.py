"""Every codec and preset that a profile can name makes pieces that join by copying."""

from itertools import cycle
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from showreel.media.compile import write_film
from showreel.media.movie import read_movie
from showreel.media.normalise import conforms, normalise_clip, parameter_sets
from showreel.media.plan import Clip, CompilePlan, RenderedTransition, TransitionKind
from showreel.media.profile import Codec, Preset, Profile
from showreel.media.transition import encode_crossfade
from tests.media.decoding import frame_hashes, frame_times, make_clip

FRAMES = 26
PAIRS = list(zip(get_args(Preset), cycle(get_args(Codec)), strict=False))
"""Each preset once, each codec with slow and fast ones."""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    directory = tmp_path_factory.mktemp("sources")
    return [
        make_clip(directory / f"{name}.mp4", source=name, seconds=1.1)
        for name in ("testsrc2", "testsrc")
    ]


@pytest.mark.parametrize(("preset", "codec"), PAIRS)
def test_a_film_of_any_profile_is_its_pieces_to_the_frame(
    tmp_path: Path, sources: list[Path], codec: Codec, preset: Preset
) -> None:
    profile = Profile(width=160, height=90, fps=24, codec=codec, preset=preset, crf=26)
    clips = [_clip(tmp_path / source.stem, source, profile) for source in sources]
    fade = tmp_path / "fade.mp4"
    encode_crossfade(clips[0].video, clips[1].video, fade, profile)
    transition = RenderedTransition(TransitionKind.CROSSFADE, fade, 12)
    film = write_film(CompilePlan(profile, tuple(clips), (transition,)), tmp_path)

    first, between, last = (frame_hashes(path) for path in (clips[0].video, fade, clips[1].video))
    assert frame_hashes(film) == first[:14] + between + last[12:]
    assert frame_times(film) == list(range(40))
    assert read_movie(film).picture.codec == {"h264": "avc1", "h265": "hvc1"}[codec]


def _clip(directory: Path, source: Path, profile: Profile) -> Clip:
    directory.mkdir()
    made = normalise_clip(source, directory, profile, expected_frames=FRAMES)
    assert conforms(read_movie(made.video), profile, FRAMES)
    return Clip(made.video, FRAMES)


@pytest.mark.parametrize("codec", get_args(Codec))
def test_where_a_source_puts_its_colours_does_not_show_in_its_piece(
    tmp_path: Path, codec: Codec
) -> None:
    profile = Profile(width=160, height=90, fps=24, codec=codec)
    source = make_clip(tmp_path / "in.mp4", "-x264-params", "chromaloc=2")
    made = normalise_clip(source, tmp_path, profile)
    assert read_movie(made.video).picture.parameter_sets == parameter_sets(profile)


def test_codecs_sizes_and_presets_do_not_mix() -> None:
    base = Profile(width=160, height=90, fps=24)
    others = ({"codec": "h265"}, {"width": 640}, {"preset": "ultrafast"})
    assert len({parameter_sets(base.model_copy(update=other)) for other in ({}, *others)}) == 4


@pytest.mark.parametrize("field", [{"codec": "av1"}, {"preset": "placebo"}, {"crf": 0}])
def test_what_was_never_tried_is_no_profile(field: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Profile.model_validate({"width": 320, "height": 180, "fps": 24} | field)
