"""Normalises clips: the video alone in the film's profile, the sound as a file of exactly its
length.

A clip that is already in the profile, with the same parameter sets, is only copied. Any other
(other codec, size, shape, rate, variable rate, rotation, colours, length) is encoded once, here, in
parallel with the other clips, so that films are made by copying.
"""

import functools
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from showreel.core.errors import MediaError
from showreel.core.framing import Fit
from showreel.media.captions import burn
from showreel.media.cues import FILM_CLIP, InFilm
from showreel.media.framing import fit_filters
from showreel.media.movie import Movie, read_movie
from showreel.media.probe import Picture, look
from showreel.media.profile import BT709, JPEG_COLOURS, Profile
from showreel.media.runner import OnProgress, ProcessLimits, mp4_input, run
from showreel.media.wav import HEADER_BYTES, SAMPLE_RATE_HERTZ, samples, write_silence

_LIMITS = ProcessLimits(seconds=300, output_bytes=1024**3)
_JPEG = ("-c:v", "mjpeg", "-q:v", "3", "-frames:v", "1", "-update", "1", "-f", "image2")


@dataclass(frozen=True)
class NormalisedClip:
    """The files of one clip: `clip.mp4`, `sound.wav`, `first.jpg`, `last.jpg`."""

    video: Path
    sound: Path
    first_frame: Path
    last_frame: Path
    frames: int
    has_sound: bool
    copied: bool


def normalise_clip(
    source: Path,
    workdir: Path,
    profile: Profile,
    *,
    expected_frames: int | None = None,
    fit: Fit = "auto",
    start_seconds: float = 0.0,
    in_film: InFilm = FILM_CLIP,
    on_progress: OnProgress | None = None,
) -> NormalisedClip:
    """Writes a clip's files into `workdir`, all exactly `expected_frames` long, from
    `start_seconds` of the source on, for the role `in_film`.

    A longer source is cut, a shorter one holds its last frame. Without `expected_frames` it has the
    source's own length. Raises MediaError for an unusable source, Transient if the machine fails.
    """
    movie = read_movie(source)
    picture = look(source, movie.picture.rotation)
    frames = expected_frames or profile.frames(movie.picture.seconds or picture.seconds)
    workdir = workdir.resolve()
    cuts, captions = in_film.cuts, in_film.captions
    copied = start_seconds == 0 and not captions and conforms(movie, profile, frames, cuts)
    encode = [] if copied else profile.encode_arguments(frames, cuts)
    outputs = _outputs(workdir, profile, frames, encode=encode, sound=bool(movie.sounds))
    if copied:
        inputs, graph = _stills_of_copy(source, profile, frames, movie.picture.sync_frames)
    else:
        seek = ["-ss", f"{start_seconds:.6f}"] if start_seconds else []
        pictures, captioned = burn(captions, profile, workdir, frames, first_input=1)
        inputs = [*seek, *mp4_input(source), *pictures]
        graph = still_filters(picture_filters(picture, profile, frames, fit) + captioned, frames)
    arguments = [*inputs, "-filter_complex", graph, *outputs]
    run(arguments, workdir, limits=_LIMITS, on_progress=on_progress)
    audible = _finish_sound(workdir / "sound.wav", profile, frames)
    return _collect(workdir, profile, audible=audible, copied=copied)


def conforms(
    movie: Movie, profile: Profile, frames: int, cuts: Iterable[int] | None = None
) -> bool:
    """Returns whether the video can be copied instead of encoded: nothing about it differs."""
    video = movie.video
    if video is None or movie.fragmented or video.parameter_sets != parameter_sets(profile):
        return False
    facts = (video.width, video.height, video.timescale, video.frame_ticks, video.samples)
    wanted = (profile.width, profile.height, profile.timescale, 512, frames)
    upright = video.rotation == 0 and abs(video.start_seconds) < 1e-6
    cuts = profile.transition_frames(frames) if cuts is None else cuts
    return facts == wanted and upright and {0, *cuts} <= set(video.sync_frames)


@functools.cache
def parameter_sets(profile: Profile) -> bytes:
    """Returns the parameter sets of all pieces of `profile`, by encoding two frames."""
    size = f"{profile.width}x{profile.height}"
    source = ["-f", "lavfi", "-i", f"color=black:size={size}:rate={profile.fps}"]
    with tempfile.TemporaryDirectory(prefix="showreel-") as name:
        piece = Path(name) / "reference.mp4"
        filters = ["-vf", f"format=yuv420p,setsar=1,{BT709}"]
        run([*source, *filters, *profile.encode_arguments(2), str(piece)], piece.parent)
        return read_movie(piece).picture.parameter_sets


def picture_filters(picture: Picture, profile: Profile, frames: int, fit: Fit) -> str:
    """Returns the filters that make exactly `frames` frames of the profile from a video."""
    hold = profile.seconds(frames)
    return ",".join(
        [
            f"fps={profile.fps}:start_time=0",
            *fit_filters(picture, profile, fit),
            f"format=yuv420p,setsar=1,{BT709}",
            f"tpad=stop_mode=clone:stop_duration={hold:.3f}",
            f"trim=end_frame={frames}",
        ]
    )


def still_filters(graph: str, frames: int) -> str:
    """Returns the whole filter graph: the clip, its first and its last frame."""
    ends = (_still("first0", 0, "first"), _still("last0", frames - 1, "last"))
    return ";".join([f"[0:v:0]{graph},split=3[clip][first0][last0]", *ends])


def _stills_of_copy(
    source: Path, profile: Profile, frames: int, sync_frames: Iterable[int]
) -> tuple[list[str], str]:
    """Returns the inputs and the filter graph for the first and last frame of a clip that is
    copied: of its video only the first frame and the last GOP are decoded.
    """
    gop = max(frame for frame in sync_frames if frame < frames)
    within = profile.seconds(gop) + profile.seconds(1) / 4  # FFmpeg seeks to the GOP before a time
    seek = ["-noaccurate_seek", "-ss", f"{within:.6f}"]
    first = f"[0:v:0]trim=end_frame=1,{JPEG_COLOURS}[first]"
    inputs = [*mp4_input(source), *seek, *mp4_input(source)]
    return inputs, ";".join([first, _still("1:v:0", frames - 1 - gop, "last")])


def _still(source: str, number: int, name: str) -> str:
    """Returns the filters that make a JPEG's picture of one frame."""
    return f"[{source}]select=eq(n\\,{number}),{JPEG_COLOURS}[{name}]"


def _outputs(
    workdir: Path, profile: Profile, frames: int, *, encode: Sequence[str], sound: bool
) -> list[str]:
    """Returns arguments for all files that one pass over the source writes. Without `encode` the
    video is copied.
    """
    copy = ["-map", "0:v:0", "-c:v", "copy", "-an", *profile.container_arguments()]
    video = ["-map", "[clip]", *encode] if encode else copy
    outputs = [*video, str(workdir / "clip.mp4")]
    for name in ("first", "last"):
        outputs += ["-map", f"[{name}]", *_JPEG, str(workdir / f"{name}.jpg")]
    if sound:
        outputs += [*sound_arguments(samples(profile, frames)), str(workdir / "sound.wav")]
    return outputs


def sound_arguments(count: int, filters: Sequence[str] = ()) -> list[str]:
    """Returns arguments that write the first sound track in 48 kHz stereo, exactly `count` samples,
    in step with the video; `filters` come before it gets that length.
    """
    in_step = f"aresample={SAMPLE_RATE_HERTZ}:async=1:first_pts=0"
    exact = [f"apad=whole_len={count}", f"atrim=end_sample={count}"]
    form = "aformat=sample_fmts=s16:channel_layouts=stereo"
    wav = ["-c:a", "pcm_s16le", "-flags:a", "+bitexact", "-fflags", "+bitexact", "-f", "wav"]
    graph = ",".join([in_step, *filters, *exact, form])
    return ["-map", "0:a:0", "-af", graph, "-map_metadata", "-1", *wav]


def _finish_sound(path: Path, profile: Profile, frames: int) -> bool:
    """Writes silence if there is no sound. Returns whether anything can be heard."""
    if path.exists():
        body = path.read_bytes()[HEADER_BYTES:]
        return body.count(0) != len(body)
    write_silence(path, samples(profile, frames))
    return False


def _collect(workdir: Path, profile: Profile, *, audible: bool, copied: bool) -> NormalisedClip:
    """Returns the files, after checking them. Raises MediaError."""
    video = workdir / "clip.mp4"
    first, last = workdir / "first.jpg", workdir / "last.jpg"
    if not (first.exists() and last.exists()):
        raise MediaError("The first or last frame of the video can't be decoded")
    return NormalisedClip(
        video=video,
        sound=workdir / "sound.wav",
        first_frame=first,
        last_frame=last,
        frames=checked_frames(video, profile),
        has_sound=audible,
        copied=copied,
    )


def checked_frames(video: Path, profile: Profile) -> int:
    """Returns how many frames a piece has. Raises MediaError if it isn't in the profile."""
    picture = read_movie(video).picture
    if picture.parameter_sets != parameter_sets(profile) or picture.timescale != profile.timescale:
        raise MediaError("The piece is not in the film's format", code="media_mismatch")
    return picture.samples
