"""Makes transitions: encodes only the frames that two clips share, or retimes an AI clip to one
second.

Every normalised clip has an IDR where a crossfade would begin and end, so a transition can be made,
or made again, without touching the rest of either clip.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from showreel.core.framing import Fit
from showreel.media.captions import burn
from showreel.media.cues import Cue
from showreel.media.framing import fit_filters
from showreel.media.movie import VideoTrack, read_movie
from showreel.media.normalise import checked_frames
from showreel.media.probe import count_frames, look
from showreel.media.profile import BT709, TRANSITION_SECONDS, Profile
from showreel.media.runner import ProcessLimits, mp4_input, run

BuiltInTransition = Literal["fade", "dissolve", "smoothleft", "smoothright", "zoomin", "circleopen"]

_LIMITS = ProcessLimits(seconds=120, output_bytes=512 * 1024**2)


def encode_crossfade(
    before: Path,
    after: Path,
    destination: Path,
    profile: Profile,
    *,
    transition: BuiltInTransition = "fade",
    frames: int | None = None,
    captions: Sequence[Cue] = (),
) -> int:
    """Encodes the end of `before` over the start of `after`: `frames` of each, by default a
    crossfade's, with `captions` over both. Returns the number of frames. Both clips can be cut
    there.
    """
    if transition not in get_args(BuiltInTransition):
        raise ValueError(f"No built-in transition {transition!r}")
    destination, count = destination.resolve(), frames or profile.crossfade_frames
    tail = _seek_arguments(read_movie(before).picture, count, profile)
    pictures, captioned = burn(captions, profile, destination.parent, count, first_input=2)
    graph = f"{crossfade_filters(transition, count, profile)}{captioned}[transition]"
    arguments = [
        *tail,
        *mp4_input(before),
        *mp4_input(after),
        *pictures,
        *("-filter_complex", graph, "-map", "[transition]"),
        *profile.encode_arguments(count),
        str(destination),
    ]
    run(arguments, destination.parent, limits=_LIMITS)
    return checked_frames(destination, profile)


def normalise_transition(
    source: Path, destination: Path, profile: Profile, *, fit: Fit = "auto"
) -> int:
    """Writes an AI transition as one second in the profile; returns its frames.

    Its first and last frame repeat the neighbours' and would freeze the film for a moment, so it
    is retimed to two frames more, and those two are dropped.
    """
    destination, rotation = destination.resolve(), read_movie(source).picture.rotation
    count = profile.frames(TRANSITION_SECONDS)
    shaping = fit_filters(look(source, rotation), profile, fit)
    filters = [*retime_filters(count_frames(source), count, profile), *shaping]
    graph = ",".join([*filters, f"format=yuv420p,setsar=1,{BT709}"])
    output = ["-map", "0:v:0", "-vf", graph, *profile.encode_arguments(count), str(destination)]
    run([*mp4_input(source), *output], destination.parent, limits=_LIMITS)
    return checked_frames(destination, profile)


def crossfade_filters(transition: BuiltInTransition, count: int, profile: Profile) -> str:
    """Returns a graph of the transition from a tail to a head, each cut to `count` frames."""
    exact = f"trim=end_frame={count},setpts=N/{profile.fps}/TB,fps={profile.fps}"
    same = f"settb=1/{profile.timescale},setpts=PTS-STARTPTS,{exact}"
    fade = f"xfade=transition={transition}:duration={count / profile.fps:.6f}:offset=0"
    return (
        f"[0:v:0]{same}[tail];[1:v:0]{same}[head];"
        f"[tail][head]{fade},trim=end_frame={count},format=yuv420p,setsar=1,{BT709}"
    )


def retime_filters(have: int, want: int, profile: Profile) -> list[str]:
    """Spreads `have` frames evenly over `want` + 2, then drops the first and the last."""
    step = (want + 1) / max(1, have - 1)
    return [
        f"setpts=N*{step:.9f}/{profile.fps}/TB",
        f"fps={profile.fps}",
        f"trim=start_frame=1:end_frame={want + 1}",
        f"setpts=PTS-STARTPTS,fps={profile.fps}",
    ]


def _seek_arguments(picture: VideoTrack, count: int, profile: Profile) -> list[str]:
    """Reads from the IDR `count` frames before the end: nothing before it is decoded."""
    start = max(0, picture.samples - count)
    return ["-noaccurate_seek", "-ss", f"{(start + 0.25) / profile.fps:.6f}"] if start else []
