"""Joins videos as a film joins its clips, and sounds sample by sample."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from showreel.core.errors import MediaError
from showreel.core.framing import Fit
from showreel.media.bed import MICRO_FADE, Span, write_bed
from showreel.media.compile import write_film
from showreel.media.framing import fit_filters
from showreel.media.operations.encoding import VIDEO, encode, whole
from showreel.media.operations.models import MAX_SECONDS, Concat, OperationResult
from showreel.media.operations.sounds import decode, samples_of, write_sound
from showreel.media.operations.sources import Source, require_work
from showreel.media.plan import Clip, CompilePlan, RenderedTransition, TransitionKind, total_frames
from showreel.media.profile import Profile
from showreel.media.transition import encode_crossfade
from showreel.media.wav import length


def concat(sources: Sequence[Source], wanted: Concat, directory: Path) -> OperationResult:
    """Joins videos or sounds. Raises MediaError `media_type` for a mixture, `media_too_long`,
    `media_too_short` for a video that is shorter than the transitions at its ends.
    """
    if len({source.kind for source in sources}) != 1:
        raise MediaError("Either videos or sounds, not both", code="media_type")
    if sum(source.seconds for source in sources) > MAX_SECONDS:
        raise MediaError(f"At most {MAX_SECONDS:g} seconds together", code="media_too_long")
    join = _sounds if sources[0].kind == "audio" else _videos
    return join(sources, wanted, directory)


def _videos(sources: Sequence[Source], wanted: Concat, directory: Path) -> OperationResult:
    profile = sources[0].profile
    planned = sum(profile.frames(source.seconds) for source in sources)
    for source in sources:
        require_work(
            planned, (profile.width, profile.height), (source.look.width, source.look.height)
        )
    clips = [
        _clip(source, profile, wanted.fit, _folder(directory, index))
        for index, source in enumerate(sources)
    ]
    plan = CompilePlan(profile, tuple(clips), _transitions(clips, profile, wanted, directory))
    film, frames = write_film(plan, directory, keeps_levels=True), total_frames(plan)
    return OperationResult(film, VIDEO, profile.width, profile.height, profile.seconds(frames))


def _clip(source: Source, profile: Profile, fit: Fit, directory: Path) -> Clip:
    """Returns a video as a clip of the joined one."""
    shape = fit_filters(source.look, profile, fit)
    frames = profile.frames(source.seconds)
    changed = replace(whole(source), profile=profile, frames=frames, shape=shape)
    tracks = encode(source, directory, changed)
    return Clip(tracks.video, tracks.frames, tracks.sound)


def _transitions(
    clips: Sequence[Clip], profile: Profile, wanted: Concat, directory: Path
) -> tuple[RenderedTransition, ...]:
    if wanted.transition == "cut":
        return (RenderedTransition(),) * (len(clips) - 1)
    overlap = profile.crossfade_frames
    for clip, ends in zip(clips, _ends(len(clips)), strict=True):
        if clip.frames < overlap * ends:
            message = "A video is shorter than the transitions at its ends"
            raise MediaError(message, code="media_too_short")
    rendered = []
    for index, (before, after) in enumerate(pairwise(clips)):
        path = directory / f"transition-{index}.mp4"
        frames = encode_crossfade(
            before.video, after.video, path, profile, transition=wanted.transition
        )
        rendered.append(RenderedTransition(TransitionKind.CROSSFADE, path, frames))
    return tuple(rendered)


def _ends(count: int) -> list[int]:
    """Returns how many transitions each clip has."""
    return [int(index > 0) + int(index < count - 1) for index in range(count)]


def _sounds(sources: Sequence[Source], _: Concat, directory: Path) -> OperationResult:
    spans, total = [], 0
    for index, source in enumerate(sources):
        path = _folder(directory, index) / "sound.wav"
        count = length(decode(source, path, samples_of(source.seconds)))
        spans.append(Span(path, total, count, MICRO_FADE, MICRO_FADE))
        total += count
    joined = directory / "joined.wav"
    write_bed(spans, total, joined)
    return write_sound(joined, directory / "out.m4a", "m4a")


def _folder(directory: Path, index: int) -> Path:
    folder = directory / f"part-{index}"
    folder.mkdir()
    return folder
