"""Reverses media within bounded memory: FFmpeg holds all frames that it reverses.

Short videos are reversed in one go. Longer ones are encoded first, then reversed in chunks from the
last one on, which are joined by copying.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from showreel.media.compile import checked_segments, concat_script
from showreel.media.operations.encoding import LIMITS, EncodedTracks, encode, finish, whole
from showreel.media.operations.models import OperationResult, Reverse
from showreel.media.operations.sounds import decode, reverse_samples, samples_of, write_sound
from showreel.media.operations.sources import Source, require_work
from showreel.media.plan import Segment
from showreel.media.profile import BT709, Profile
from showreel.media.runner import mp4_input, run

MAX_HELD_BYTES = 400_000_000
"""The most bytes of frames held at once, in yuv420p."""
_BETWEEN = {"preset": "ultrafast", "crf": 12}
"""An intermediate copy: fast, and of a quality that doesn't show."""


def reverse(source: Source, _: Reverse, directory: Path) -> OperationResult:
    """Writes the frames in reverse, and the sound with them. Raises MediaError, Transient."""
    if source.kind == "audio":
        sound = decode(source, directory / "forwards.wav", samples_of(source.seconds))
        return write_sound(_turned(sound), directory / "out.m4a", "m4a")
    as_it_is = whole(source)
    profile, frames = as_it_is.profile, as_it_is.frames
    most = frames_held(profile)
    if frames <= most:
        tracks = encode(source, directory, replace(as_it_is, last=turned_filters(profile)))
    else:
        require_work(2 * frames, source.size)
        between = replace(as_it_is, profile=profile.model_copy(update=_BETWEEN))
        forwards = encode(source, directory, between)
        video = _turn_all(forwards, profile, most, directory)
        tracks = replace(forwards, video=video, profile=profile)
    turned = _turned(tracks.sound) if tracks.sound else None
    return finish(replace(tracks, sound=turned), directory / "out.mp4")


def frames_held(profile: Profile) -> int:
    """Returns how many frames are reversed at once."""
    return max(1, MAX_HELD_BYTES * 2 // (profile.width * profile.height * 3))


def turned_filters(profile: Profile) -> list[str]:
    """Returns the filters that reverse all frames that they get."""
    return ["reverse", f"setpts=N/{profile.fps}/TB", f"fps={profile.fps}"]


def _turned(sound: Path) -> Path:
    return reverse_samples(sound, sound.with_name("backwards.wav"))


def _turn_all(forwards: EncodedTracks, profile: Profile, most: int, directory: Path) -> Path:
    """Returns the reversed picture."""
    segments = []
    for start, end in _chunks(forwards.frames, most):
        path = directory / f"{start}.mp4"
        _turn(forwards.video, path, start, end - start, profile)
        segments.append(Segment(path, 0, end - start, end - start))
    script, joined = directory / "backwards.ffconcat", directory / "backwards.mp4"
    script.write_text(concat_script(checked_segments(segments, profile), profile), encoding="utf-8")
    listed = ["-f", "concat", "-safe", "0", "-protocol_whitelist", "file", "-i", str(script)]
    output = ["-map", "0:v:0", "-c:v", "copy", *profile.container_arguments(), str(joined)]
    run([*listed, *output], directory, limits=LIMITS)
    return joined


def _chunks(frames: int, most: int) -> Iterator[tuple[int, int]]:
    """Yields the start and end of each chunk, the last one first."""
    for end in range(frames, 0, -most):
        yield max(0, end - most), end


def _turn(source: Path, destination: Path, start: int, frames: int, profile: Profile) -> None:
    seek = ["-ss", f"{(start - 0.5) / profile.fps:.6f}"] if start else []
    turned = ",".join(turned_filters(profile))
    graph = f"trim=end_frame={frames},{turned},setsar=1,{BT709}"
    output = ["-map", "0:v:0", "-vf", graph, *profile.encode_arguments(frames), str(destination)]
    run([*seek, *mp4_input(source), *output], destination.parent, limits=LIMITS)
