"""Places a cut's clips on a track. In OpenTimelineIO a clip ends where the next one begins, and a
transition uses media beyond that; in a cut two clips share the frames of their transition.

    plan    A |----------------|            OTIO   A |------------|··|  handle: out_offset
            B             |-----------|            B         |····|-------|  in_offset
                        transition                            edit point
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from showreel.cuts.models import CutRow
from showreel.cuts.plan import CutClip, CutPlan


@dataclass(frozen=True)
class Placed:
    """A clip between its edit points. All in frames; `first` is the row's own first frame that is
    seen.

    A video that is shown longer than it is holds its last frame for the last `held` frames.
    """

    clip: CutClip
    row: CutRow
    at: int
    first: int
    frames: int
    held: int
    media_frames: int
    in_frames: int
    """The frame of the media at which the row begins."""

    @property
    def source(self) -> int:
        """The first frame of the media between the edit points."""
        return self.in_frames + self.first

    @property
    def moving(self) -> int:
        """How many frames come from the media, without the held ones."""
        return self.frames - self.held


@dataclass(frozen=True)
class Blended:
    """A transition: `before` of its frames lie before the edit point, `after` after it."""

    before: int
    after: int


def placed(plan: CutPlan, rows: Mapping[str, CutRow]) -> Iterator[tuple[Placed, Blended | None]]:
    """Yields every clip with the transition after it, None for a cut."""
    first, fps = 0, plan.settings.fps
    for clip in plan.clips:
        row = rows[clip.row_id]
        in_frames = _frames(row.in_ms, fps) if clip.kind == "video" else 0
        media = clip.frames
        if row.source_ms is not None:
            media = max(in_frames + 1, _frames(row.source_ms, fps))
        lacking = max(0, in_frames + clip.frames - media)
        transition = _blended(clip.fade_out, lacking)
        after = transition.after if transition else 0
        frames = clip.frames - first - after
        held = min(frames, max(0, lacking - after))
        yield (
            Placed(clip, row, clip.start + first, first, frames, held, media, in_frames),
            transition,
        )
        first = transition.before if transition else 0


def _blended(shared: int, lacking: int) -> Blended | None:
    """Returns how a transition lies around its edit point: in the middle, unless a few frames at
    the clip's end are held. Those then lie after the edit point, so that the transition is never
    longer than the next clip.
    """
    if not shared:
        return None
    after = shared // 2
    if 0 < lacking < shared:
        after = max(after, lacking)
    return Blended(shared - after, after)


def _frames(milliseconds: int, fps: int) -> int:
    return round(milliseconds * fps / 1000)
