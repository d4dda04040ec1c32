"""Compiles a film: copies its pieces one after another, encodes its sound once, and checks it.

Only the sound and a title card are encoded. Nothing is returned unless frame count, length and
start are exactly as planned.
"""

import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from showreel.core.errors import MediaError
from showreel.media.mastering import Mix, master
from showreel.media.movie import Movie, VideoTrack, read_movie
from showreel.media.normalise import parameter_sets
from showreel.media.plan import (
    CompilePlan,
    Segment,
    clip_starts,
    segments,
    sound_spans,
    total_frames,
)
from showreel.media.poster import render_contact_sheet, render_poster
from showreel.media.profile import Profile
from showreel.media.runner import OnProgress, ProcessLimits, run
from showreel.media.sound import FULL_VOLUME, lay_film, mix_film
from showreel.media.title import Title, render_titled, title_end

OnShare = Callable[[float], None]
"""Called with the share of the film that is written, 0 to 1; it never falls."""

_LIMITS = ProcessLimits(seconds=300, output_bytes=4 * 1024**3)
_LATEST_END_SECONDS = 0.05
_SOUND_SHARE = 0.8
"""The share of the work that is encoding the sound."""


@dataclass(frozen=True)
class CompiledFilm:
    """A film that was checked: `film.mp4`, `poster.jpg`, `contact_sheet.jpg`."""

    path: Path
    frames: int
    duration_seconds: float
    poster: Path
    contact_sheet: Path


def compile_film(
    plan: CompilePlan,
    workdir: Path,
    *,
    music: Path | None = None,
    music_volume: int = FULL_VOLUME,
    title: Title | None = None,
    on_progress: OnShare | None = None,
) -> CompiledFilm:
    """Makes the film in `workdir`. The same plan gives the same bytes.

    Raises MediaError `media_mismatch` if a piece is not in the plan's profile or has another
    length than planned, Transient if the machine fails.
    """
    film = write_film(
        plan,
        workdir.resolve(),
        music=music,
        music_volume=music_volume,
        title=title,
        on_progress=on_progress,
    )
    return _finish(film, plan)


def write_film(
    plan: CompilePlan,
    workdir: Path,
    *,
    music: Path | None = None,
    music_volume: int = FULL_VOLUME,
    title: Title | None = None,
    keeps_levels: bool = False,
    on_progress: OnShare | None = None,
) -> Path:
    """Writes `film.mp4` alone, checked against the plan; see `compile_film`. With `keeps_levels`
    the clips keep their volume and there is no music.
    """
    pieces, film = checked_segments(segments(plan), plan.profile), workdir / "film.mp4"
    with tempfile.TemporaryDirectory(dir=workdir) as name:
        scratch = Path(name)
        spans, frames = sound_spans(plan), total_frames(plan)
        mix = (
            lay_film(spans, frames, plan.profile, scratch)
            if keeps_levels
            else mix_film(
                spans, frames, plan.profile, scratch, music=music, music_volume=music_volume
            )
        )
        shown = _with_title(pieces, title, scratch, plan.profile) if title else pieces
        shares = _Shares(plan.profile.seconds(total_frames(plan)), on_progress)
        _write(shown, mix, film, scratch, plan.profile, shares)
    verify_film(film, plan)
    return film


def verify_film(film: Path, plan: CompilePlan) -> None:
    """Checks a written film against its plan. Raises MediaError `media_mismatch`."""
    movie, frames = read_movie(film), total_frames(plan)
    video = movie.picture
    facts = (video.samples, video.duration_ticks, video.start_seconds, len(movie.sounds))
    if facts != (frames, frames * 512, 0.0, 1) or video.timescale != plan.profile.timescale:
        raise _mismatch("The film's video is not what was planned")
    latest = plan.profile.seconds(frames) + _LATEST_END_SECONDS
    if not plan.profile.seconds(frames) - _LATEST_END_SECONDS <= movie.seconds <= latest:
        raise _mismatch("The film's length is not what was planned")


@dataclass(frozen=True)
class ProbedSegment:
    """A segment with its file's video track."""

    segment: Segment
    video: VideoTrack


def concat_script(pieces: Iterable[ProbedSegment], profile: Profile) -> str:
    """Returns FFmpeg's concat list, with exact durations.

    Out points are decoding times, which run `reorder_frames` ahead; half a frame less keeps
    rounding from including the next frame. With no codec allowed FFmpeg doesn't decode the start of
    each piece to look at it, which costs more than copying all of it.
    """
    lines = ["ffconcat version 1.0"]
    for piece in pieces:
        segment, ahead = piece.segment, piece.video.reorder_frames
        lines.append("file '{}'".format(str(segment.video.resolve()).replace("'", "'\\''")))
        lines.append("option codec_whitelist none")
        if segment.start:
            lines.append(f"inpoint {segment.start / profile.fps:.6f}")
        if segment.end < segment.frames:
            lines.append(f"outpoint {(segment.end - ahead - 0.5) / profile.fps:.6f}")
        lines.append(f"duration {segment.length / profile.fps:.6f}")
    return "\n".join(lines) + "\n"


def film_arguments(script: Path, sound: Path, profile: Profile) -> list[str]:
    """Returns arguments that copy video and sound, with the index in front."""
    listed = ["-f", "concat", "-safe", "0", "-protocol_whitelist", "file", "-i", str(script)]
    mastered = ["-protocol_whitelist", "file", "-f", "mov", "-i", str(sound)]
    tracks = ["-map", "0:v:0", "-map", "1:a:0", "-c", "copy"]
    ending = ["-movflags", "+faststart", *profile.container_arguments()]
    return [*listed, *mastered, *tracks, *ending]


def checked_segments(parts: Iterable[Segment], profile: Profile) -> list[ProbedSegment]:
    """Reads each file once, and checks that its part can be copied. Raises MediaError."""
    read: dict[Path, Movie] = {}
    pieces = []
    for segment in parts:
        movie = read.setdefault(segment.video, read_movie(segment.video))
        _check(segment, movie.picture, profile)
        pieces.append(ProbedSegment(segment, movie.picture))
    return pieces


def _check(segment: Segment, video: VideoTrack, profile: Profile) -> None:
    """Raises MediaError unless a piece has the profile's parameter sets, its length and cuts."""
    if video.parameter_sets != parameter_sets(profile):
        raise _mismatch("A piece is not in the film's format")
    facts = (video.samples, video.timescale, video.frame_ticks, video.start_seconds)
    if facts != (segment.frames, profile.timescale, 512, 0.0):
        raise _mismatch("A piece has not the planned frames")
    cuts = {segment.start, segment.end} - {segment.frames}
    if not cuts <= set(video.sync_frames):
        raise _mismatch("A piece can't be cut where the film needs it")


def _with_title(
    pieces: list[ProbedSegment], title: Title, scratch: Path, profile: Profile
) -> list[ProbedSegment]:
    """Returns the pieces, the first seconds replaced by a version with the title."""
    first, *rest = pieces
    segment, destination = first.segment, scratch / "titled.mp4"
    end = title_end(segment, first.video.sync_frames, profile)
    render_titled(segment, end, title, destination, profile)
    remaining = Segment(segment.video, end, segment.end, segment.frames)
    titled = checked_segments([Segment(destination, 0, end, end)], profile)
    return [*titled, *([ProbedSegment(remaining, first.video)] if remaining.length else []), *rest]


def _write(
    pieces: list[ProbedSegment],
    mix: Mix,
    film: Path,
    scratch: Path,
    profile: Profile,
    shares: "_Shares",
) -> None:
    """Encodes the sound, then joins everything."""
    sound, script = scratch / "sound.m4a", scratch / "film.ffconcat"
    master(mix, sound, shares.of(0.0, _SOUND_SHARE))
    script.write_text(concat_script(pieces, profile), encoding="utf-8")
    arguments = [*film_arguments(script, sound, profile), str(film)]
    run(arguments, scratch, limits=_LIMITS, on_progress=shares.of(_SOUND_SHARE, 1.0))
    shares.report(1.0)


@dataclass
class _Shares:
    """Reports the seconds that FFmpeg has written, as shares of the film, which never fall: a sound
    may be encoded more than once, and some of FFmpeg's reports have no time, which reads as 0.
    """

    seconds: float
    on_share: OnShare | None
    most: float = 0.0

    def of(self, start: float, end: float) -> OnProgress:
        """Returns a callback that maps FFmpeg's progress to the work between two shares."""
        return lambda made: self.report(
            start + (end - start) * min(1.0, made.seconds / self.seconds)
        )

    def report(self, share: float) -> None:
        """Reports the share, or the highest one before if that is greater."""
        self.most = max(self.most, round(share, 3))
        if self.on_share is not None:
            self.on_share(self.most)


def _finish(film: Path, plan: CompilePlan) -> CompiledFilm:
    """Makes the poster of the first clip's middle, and a contact sheet with a tile per clip."""
    frames = total_frames(plan)
    poster, sheet = film.with_name("poster.jpg"), film.with_name("contact_sheet.jpg")
    middles = [(start + end) // 2 for start, end in pairwise([*clip_starts(plan), frames])]
    with ThreadPoolExecutor(2) as pool:
        drawn = [
            pool.submit(render_poster, film, poster, plan.profile, frame=middles[0]),
            pool.submit(render_contact_sheet, film, sheet, frames=middles),
        ]
    for picture in drawn:
        picture.result()
    return CompiledFilm(film, frames, plan.profile.seconds(frames), poster, sheet)


def _mismatch(message: str) -> MediaError:
    """Returns the error for pieces that don't fit the plan, which is a mistake of ours."""
    return MediaError(message, code="media_mismatch")
