"""Every codec and quality of exports, from a video and a picture to the joined film."""

import re
import subprocess
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image

from showreel.cuts.models import ExportSettings, Quality
from showreel.cuts.plan import profile_of
from showreel.media.compile import compile_film
from showreel.media.cues import Cue, InFilm
from showreel.media.motion import render_motion
from showreel.media.moves import Move, MoveKind
from showreel.media.normalise import normalise_clip
from showreel.media.plan import Clip, CompilePlan, RenderedTransition, TransitionKind
from showreel.media.profile import Codec, Profile
from showreel.media.transition import encode_crossfade
from tests.media.decoding import frame_hashes, frame_times, make_clip, picture
from tests.support.captions import is_seen

FRAMES, SHARED = 4, 1
FORMATS = list(product(get_args(Codec), get_args(Quality)))


def said_of_video(film: Path) -> str:
    command = ["ffmpeg", "-hide_banner", "-i", film]
    log = subprocess.run(command, check=False, capture_output=True).stderr.decode()
    found = re.search(r"Video: (.*)", log)
    assert found is not None
    return found[1]


def pieces(directory: Path, profile: Profile) -> list[Path]:
    """A picture under a caption, a transition, and a video."""
    Image.radial_gradient("L").convert("RGB").save(directory / "still.png")
    still, transition = directory / "still.mp4", directory / "transition.mp4"
    captioned = InFilm((FRAMES - SHARED,), (Cue(("Good evening",), 0, FRAMES),))
    given, move = directory / "still.png", Move(MoveKind.DOLLY_IN)
    render_motion(given, still, move=move, frames=FRAMES, profile=profile, in_film=captioned)
    source = make_clip(directory / "in.mp4", seconds=1, sound="sine=440")
    video = normalise_clip(
        source, directory, profile, expected_frames=FRAMES, in_film=InFilm((SHARED,))
    ).video
    encode_crossfade(still, video, transition, profile, frames=SHARED)
    return [still, transition, video]


@pytest.mark.parametrize(("codec", "quality"), FORMATS)
def test_an_export_is_its_pieces_in_the_format_that_was_asked_for(
    tmp_path: Path, codec: Codec, quality: Quality
) -> None:
    asked = ExportSettings(aspect_ratio="16:9", fps=12, codec=codec, quality=quality)
    profile = profile_of(asked).model_copy(update={"width": 480, "height": 270})
    still, transition, video = pieces(tmp_path, profile)
    meeting = RenderedTransition(TransitionKind.CROSSFADE, transition, SHARED)
    clips = (Clip(still, FRAMES), Clip(video, FRAMES, tmp_path / "sound.wav"))
    film = compile_film(CompilePlan(profile, clips, (meeting,)), tmp_path)

    names = {"h264": ("h264 (", "avc1"), "h265": ("hevc (Main)", "hvc1")}[codec]
    said = said_of_video(film.path)
    for fact in (*names, "yuv420p(tv, bt709", "480x270", "12 fps"):
        assert fact in said
    assert frame_times(film.path) == list(range(2 * FRAMES - SHARED))
    first, between, last = map(frame_hashes, (still, transition, video))
    assert frame_hashes(film.path) == first[:-SHARED] + between + last[SHARED:]
    poster, sheet = picture(film.poster), picture(film.contact_sheet)
    assert poster.size == (480, 270)
    assert is_seen(poster, ("Good evening",), "bottom", profile)
    assert sheet.width > 640  # two tiles and what is around them
