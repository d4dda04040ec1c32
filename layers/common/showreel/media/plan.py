"""Plans a film in frames: the order of parts of files, and where each clip's sound lies.

Pure arithmetic in whole frames, so that a film's exact length is known before it is made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from showreel.media.profile import Profile


class TransitionKind(StrEnum):
    """How two neighbours meet."""

    CUT = "cut"
    CROSSFADE = "crossfade"
    AI = "ai"


@dataclass(frozen=True)
class RenderedTransition:
    """The transition between two clips, with its rendered piece unless it is a cut.

    A crossfade replaces `frames` frames at the end of one clip and as many at the start of the
    next; an AI transition is inserted between them.
    """

    kind: TransitionKind = TransitionKind.CUT
    video: Path | None = None
    frames: int = 0

    def __post_init__(self) -> None:
        if (self.kind is TransitionKind.CUT) != (self.video is None and self.frames == 0):
            raise ValueError("A transition has a rendered piece unless it is a cut")

    @property
    def overlap(self) -> int:
        """How many frames the clips share."""
        return self.frames if self.kind is TransitionKind.CROSSFADE else 0

    @property
    def between(self) -> int:
        """How many frames are inserted between the clips."""
        return self.frames if self.kind is TransitionKind.AI else 0


@dataclass(frozen=True)
class Clip:
    """A normalised clip. It is silent in the film without `sound`, whose volume has the factor
    `gain`.
    """

    video: Path
    frames: int
    sound: Path | None = None
    gain: float = 1.0


@dataclass(frozen=True)
class SoundSpan:
    """A sound in the film, in frames. A fade of 0 frames lasts 8 ms.

    `duck_gain` is the volume with which it ducks the music, independent of its own `gain`; 0 for
    the volume that is heard. `peak` is its highest sample, 1 for full scale.
    """

    sound: Path | None
    start: int
    length: int
    fade_in: int = 0
    fade_out: int = 0
    gain: float = 1.0
    duck_gain: float = 0.0
    peak: float = 1.0


@dataclass(frozen=True)
class CompilePlan:
    """What a film is compiled from: clips in order, the transition after each but the last, and
    what is heard besides.
    """

    profile: Profile
    clips: tuple[Clip, ...]
    transitions: tuple[RenderedTransition, ...] = ()
    speeches: tuple[SoundSpan, ...] = ()

    def __post_init__(self) -> None:
        if not self.clips:
            raise ValueError("A film has at least one clip")
        if len(self.transitions) != len(self.clips) - 1:
            raise ValueError("A film has one transition between every two clips")
        if any(start > end for _, start, end in bodies(self)):
            raise ValueError("A clip is shorter than the crossfades at its ends")


@dataclass(frozen=True)
class Segment:
    """Frames `start` to `end` (exclusive) of a file with `frames` frames."""

    video: Path
    start: int
    end: int
    frames: int

    @property
    def length(self) -> int:
        """How many frames it adds to the film."""
        return self.end - self.start


def bodies(plan: CompilePlan) -> Iterator[tuple[Clip, int, int]]:
    """Yields each clip with the start and end of the frames shown outside crossfades."""
    for clip, before, after in _with_transitions(plan):
        yield clip, before.overlap, clip.frames - after.overlap


def segments(plan: CompilePlan) -> list[Segment]:
    """Returns the parts of files from which the film's video is copied, in order."""
    found: list[Segment] = []
    for (clip, start, end), (_, _, transition) in zip(
        bodies(plan), _with_transitions(plan), strict=True
    ):
        found.append(Segment(clip.video, start, end, clip.frames))
        if transition.video is not None:
            found.append(Segment(transition.video, 0, transition.frames, transition.frames))
    return [segment for segment in found if segment.length]


def total_frames(plan: CompilePlan) -> int:
    """Returns the film's exact length in frames."""
    return sum(segment.length for segment in segments(plan))


def clip_starts(plan: CompilePlan) -> list[int]:
    """Returns the film's frame at which each clip begins."""
    starts = [0]
    for clip, transition in zip(plan.clips, plan.transitions, strict=False):
        starts.append(starts[-1] + clip.frames - transition.overlap + transition.between)
    return starts


def sound_spans(plan: CompilePlan) -> list[SoundSpan]:
    """Returns the sounds of clips and the speeches, by their starts. Neighbours' sounds overlap
    exactly where their pictures do.
    """
    clips = (
        SoundSpan(clip.sound, start, clip.frames, before.overlap, after.overlap, clip.gain)
        for start, (clip, before, after) in zip(
            clip_starts(plan), _with_transitions(plan), strict=True
        )
    )
    return sorted([*clips, *plan.speeches], key=lambda span: span.start)


def _with_transitions(
    plan: CompilePlan,
) -> Iterator[tuple[Clip, RenderedTransition, RenderedTransition]]:
    """Yields each clip with the transitions before and after it; the film's ends count as cuts."""
    around = (RenderedTransition(), *plan.transitions, RenderedTransition())
    for clip, (before, after) in zip(plan.clips, pairwise(around), strict=False):
        yield clip, before, after
