"""Operations in time: trim and speed, of videos with their sound and of sounds alone."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from showreel.core.errors import MediaError
from showreel.media.operations.encoding import (
    Encoding,
    encode,
    finish,
    rate_filter,
    whole,
)
from showreel.media.operations.models import OperationResult, Speed, Trim
from showreel.media.operations.sounds import decode, samples_of, write_sound
from showreel.media.operations.sources import Source
from showreel.media.wav import SAMPLE_RATE_HERTZ

SEEK_AHEAD_SECONDS = 10
"""How many seconds before a part reading begins."""


def trim(source: Source, wanted: Trim, directory: Path) -> OperationResult:
    """Writes a part, exact to the frame or sample. Raises MediaError `time_outside` for a start
    after the end.
    """
    end = min(wanted.end or math.inf, source.seconds)
    if wanted.start_seconds >= source.seconds:
        message = f"The file ends after {source.seconds:.2f} seconds"
        raise MediaError(message, code="time_outside")
    if source.kind == "audio":
        return _trim_sound(source, wanted.start_seconds, end, directory)
    return finish(
        encode(source, directory, part(source, wanted.start_seconds, end)), directory / "out.mp4"
    )


def part(source: Source, start_seconds: float, end_seconds: float) -> Encoding:
    """Returns the encoding of the frames between two times, at least one."""
    as_it_is = whole(source)
    profile, seek = as_it_is.profile, seek_seconds(start_seconds)
    first = min(round(start_seconds * profile.fps), profile.frames(source.seconds) - 1)
    frames = max(1, round(end_seconds * profile.fps) - first)
    skipped, rate = first - seek * profile.fps, rate_filter(profile)
    return replace(
        as_it_is,
        frames=frames,
        start_seconds=seek,
        time=[rate, f"trim=start_frame={skipped}", "setpts=PTS-STARTPTS", rate],
        sound=_from_sample(round(skipped * SAMPLE_RATE_HERTZ / profile.fps)),
    )


def seek_seconds(start_seconds: float) -> int:
    """Returns the second at which reading begins for a part: some whole ones before it, or 0."""
    return max(0, int(start_seconds) - SEEK_AHEAD_SECONDS)


def speed(source: Source, wanted: Speed, directory: Path) -> OperationResult:
    """Changes the speed: leaves out or repeats frames, keeps the pitch of sounds."""
    factor, seconds = wanted.factor, source.seconds / wanted.factor
    if source.kind == "audio":
        total = samples_of(seconds)
        sound = decode(source, directory / "sound.wav", total, tempo_filters(factor))
        return write_sound(sound, directory / "out.m4a", "m4a")
    as_it_is = whole(source)
    profile = as_it_is.profile
    changed = replace(
        as_it_is,
        frames=profile.frames(seconds),
        time=[f"setpts=PTS/{factor:.6f}", rate_filter(profile)],
        sound=tempo_filters(factor),
    )
    return finish(encode(source, directory, changed), directory / "out.mp4")


def tempo_filters(factor: float) -> list[str]:
    """Returns the filters for a tempo; one alone slows down to half at most."""
    if factor < 0.5:
        return ["atempo=0.5", f"atempo={factor / 0.5:.6f}"]
    return [f"atempo={factor:.6f}"]


def _trim_sound(source: Source, start: float, end: float, directory: Path) -> OperationResult:
    first = round(start * SAMPLE_RATE_HERTZ)
    total = max(1, round(end * SAMPLE_RATE_HERTZ) - first)
    cut = decode(source, directory / "sound.wav", total, _from_sample(first))
    return write_sound(cut, directory / "out.m4a", "m4a")


def _from_sample(first: int) -> Sequence[str]:
    return [f"atrim=start_sample={first}", "asetpts=PTS-STARTPTS"] if first else []
