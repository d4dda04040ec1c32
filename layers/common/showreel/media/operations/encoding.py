"""Encodes a video by way of the film's pieces: its picture in a profile, its sound as a file of
exactly that length, then both in one file with its index in front.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from showreel.core.errors import MediaError
from showreel.media.framing import colour_filters
from showreel.media.mastering import AAC
from showreel.media.movie import Movie, read_movie
from showreel.media.normalise import sound_arguments
from showreel.media.operations.models import OperationResult
from showreel.media.operations.shapes import Rectangle
from showreel.media.operations.sounds import STEREO
from showreel.media.operations.sources import Source, require_work
from showreel.media.profile import BT709, Profile
from showreel.media.runner import ProcessLimits, mp4_input, run
from showreel.media.wav import samples, wav_input

LIMITS = ProcessLimits(seconds=240, output_bytes=1024**3)
VIDEO = "video/mp4"


@dataclass(frozen=True)
class EncodedTracks:
    """A video's picture and its sound, if it has any, in a file each and equally long."""

    video: Path
    sound: Path | None
    profile: Profile
    frames: int


@dataclass(frozen=True)
class Encoding:
    """How a video becomes tracks of `frames` frames. `time` are the filters that choose and order
    frames, `shape` those that give them their size, `sound` those of the sound.
    """

    profile: Profile
    frames: int
    shape: Sequence[str]
    time: Sequence[str] | None = None
    sound: Sequence[str] = ()
    start_seconds: int = 0
    last: Sequence[str] = ()
    """Filters for the frames when all of them are there."""


def whole(source: Source) -> Encoding:
    """Returns the encoding of a video as it is."""
    profile = source.profile
    shape = colour_filters(source.look, source.size)
    return Encoding(profile, profile.frames(source.seconds), shape)


def encode(source: Source, directory: Path, wanted: Encoding) -> EncodedTracks:
    """Makes the tracks in `directory`. Raises MediaError, Transient."""
    return encode_graph(source, directory, wanted, f"[0:v:0]{filters(wanted)}[out]")


def encode_graph(
    source: Source, directory: Path, wanted: Encoding, graph: str, others: Sequence[str] = ()
) -> EncodedTracks:
    """Makes them by a whole graph to `[out]`, with `others` as inputs beside the source."""
    profile, frames = wanted.profile, wanted.frames
    require_work(frames, (profile.width, profile.height), (source.look.width, source.look.height))
    video, sound = directory / "picture.mp4", directory / "sound.wav"
    outputs = ["-map", "[out]", *profile.encode_arguments(frames), str(video)]
    if source.has_sound:
        changed = [STEREO, *wanted.sound]
        outputs += [*sound_arguments(samples(profile, frames), changed), str(sound)]
    inputs = [*source.opened(wanted.start_seconds), *others]
    run([*inputs, "-filter_complex", graph, *outputs], directory, limits=LIMITS)
    return EncodedTracks(video, sound if source.has_sound else None, profile, frames)


def filters(wanted: Encoding) -> str:
    """Returns the chain of filters to exactly so many frames, holding the last one if needed."""
    profile, frames = wanted.profile, wanted.frames
    time = wanted.time if wanted.time is not None else (rate_filter(profile),)
    exact = (
        f"tpad=stop_mode=clone:stop_duration={profile.seconds(frames):.3f}",
        f"trim=end_frame={frames}",
    )
    form = f"format=yuv420p,setsar=1,{BT709}"
    return ",".join([*time, *wanted.shape, form, *exact, *wanted.last])


def rate_filter(profile: Profile) -> str:
    """Returns the filter for a constant rate, from the file's start on."""
    return f"fps={profile.fps}:start_time=0"


def cropped_filters(source: Source, box: Rectangle, profile: Profile) -> list[str]:
    """Returns filters that crop the upright picture and scale it, with full chroma to be exact."""
    picture = source.look
    upright = colour_filters(picture, (picture.width, picture.height))
    part = f"crop={box.width}:{box.height}:{box.x}:{box.y}"
    return [*upright, "format=yuv444p", part, f"scale={profile.width}:{profile.height}"]


def finish(tracks: EncodedTracks, destination: Path) -> OperationResult:
    """Writes the video and checks it. Raises MediaError `media_mismatch`."""
    profile, sound = tracks.profile, []
    if tracks.sound is not None:
        sound = [*wav_input(tracks.sound), "-map", "0:v:0", "-map", "1:a:0", *AAC]
    ending = ["-c:v", "copy", "-movflags", "+faststart", *profile.container_arguments()]
    run([*mp4_input(tracks.video), *sound, *ending, str(destination)], destination.parent)
    _check(read_movie(destination), tracks)
    seconds = profile.seconds(tracks.frames)
    return OperationResult(destination, VIDEO, profile.width, profile.height, seconds)


def _check(movie: Movie, tracks: EncodedTracks) -> None:
    """Raises MediaError unless frames, rate, start and sound are as planned."""
    video, frames = movie.picture, tracks.frames
    facts = (video.samples, video.duration_ticks, video.start_seconds, len(movie.sounds))
    wanted = (frames, frames * 512, 0.0, int(tracks.sound is not None))
    if facts != wanted or video.timescale != tracks.profile.timescale:
        raise MediaError("The video is not what was to be made", code="media_mismatch")
