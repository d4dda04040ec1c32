"""Joins a film's own sound with a picture that another renderer made from the same pieces.

The picture is an untrusted file. It is used only if it has exactly the film's frames, in the same
size, rate and codec, and all of them can be decoded.
"""

from pathlib import Path

from showreel.core.errors import MediaError
from showreel.media.movie import read_movie
from showreel.media.probe import count_frames
from showreel.media.profile import Profile
from showreel.media.runner import ProcessLimits, mp4_input, run

CODECS = {"h264": "avc1", "h265": "hvc1"}
_LIMITS = ProcessLimits(seconds=400, output_bytes=4 * 1024**3)


def repicture(picture: Path, film: Path, destination: Path, profile: Profile, frames: int) -> None:
    """Writes the film with the new picture, both copied. Raises MediaError `media_mismatch` for a
    picture that doesn't match the film, and as `read_movie` and `count_frames`.
    """
    _check(picture, profile, frames)
    if count_frames(picture, _LIMITS) != frames:
        raise _mismatch("decodes to another number of frames")
    _join(picture, film, destination, profile)
    written = read_movie(destination)
    if written.picture.samples != frames or len(written.sounds) != 1:
        raise _mismatch("can't be joined with the sound")


def _check(path: Path, profile: Profile, frames: int) -> None:
    video = read_movie(path).picture
    if video.codec != CODECS[profile.codec]:
        raise _mismatch("has another codec")
    if (video.width, video.height, video.rotation) != (profile.width, profile.height, 0):
        raise _mismatch("has another size")
    if (video.samples, video.start_seconds) != (frames, 0.0) or video.frame_ticks is None:
        raise _mismatch("has other frames")
    if video.frame_ticks * profile.fps != video.timescale:
        raise _mismatch("has another frame rate")


def _join(picture: Path, film: Path, destination: Path, profile: Profile) -> None:
    inputs = [*mp4_input(picture), *mp4_input(film)]
    tracks = ["-map", "0:v:0", "-map", "1:a:0", "-c", "copy"]
    ending = ["-movflags", "+faststart", *profile.container_arguments()]
    run([*inputs, *tracks, *ending, str(destination)], destination.parent, limits=_LIMITS)


def _mismatch(what: str) -> MediaError:
    return MediaError(f"The picture {what}", code="media_mismatch")
