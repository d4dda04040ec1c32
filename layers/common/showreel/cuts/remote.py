"""fal's compose as a renderer: its limits and its input.

It places media on tracks, each from its start and for a given time. It has no transitions,
in-points, volumes, codecs or qualities. So it gets the pieces, which are already cut, framed and
captioned, and its film gets our sound.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from showreel.assembly.models import VIDEO, NormalisedPiece
from showreel.cuts.plan import CutPlan

MODEL = "fal-ai/ffmpeg-api/compose"
"""The id in the catalogue, which has its address."""
Obstacle = Literal["transitions", "codec", "quality"]


def obstacle(plan: CutPlan) -> Obstacle | None:
    """Returns what fal can't do of an export, None if it can make it."""
    settings = plan.settings
    if any(transition.frames for transition in plan.transitions):
        return "transitions"
    if settings.codec != "h264":
        return "codec"
    return "quality" if settings.quality != "standard" else None


def is_asked(plan: CutPlan) -> bool:
    """Returns whether the export was ordered from fal and fal can make it."""
    return plan.settings.provider == "fal_remote" and obstacle(plan) is None


def inputs(
    plan: CutPlan, pieces: Mapping[int, NormalisedPiece], sign: Callable[[str], str]
) -> dict[str, Any]:
    """Returns fal's input: the pieces one after the other, timed in whole milliseconds."""
    keyframes = [
        {
            "timestamp": _milliseconds(plan, clip.start),
            "duration": _milliseconds(plan, clip.end) - _milliseconds(plan, clip.start),
            "url": sign(pieces[clip.index].key(VIDEO)),
        }
        for clip in plan.clips
    ]
    return {"tracks": [{"id": "picture", "type": "video", "keyframes": keyframes}]}


def _milliseconds(plan: CutPlan, frame: int) -> int:
    return round(1000 * frame / plan.settings.fps)
