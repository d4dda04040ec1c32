"""fal's compose as a renderer: what it can't do, and what it is sent.

It lays media on tracks, each from its beginning, for so long. It knows no joints, in-points,
volumes, codecs or qualities. So it is sent the pieces, which are cut, framed and captioned already,
and its film gets our sound.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from showreel.assembly.models import VIDEO, NormalisedPiece
from showreel.cuts.plan import CutPlan

MODEL = "fal-ai/ffmpeg-api/compose"
"""In the catalogue, which says where it is."""
Obstacle = Literal["transitions", "codec", "quality"]


def obstacle(plan: CutPlan) -> Obstacle | None:
    """Returns what of an export it can't do, None if it can."""
    settings = plan.settings
    if any(joint.frames for joint in plan.joints):
        return "transitions"
    if settings.codec != "h264":
        return "codec"
    return "quality" if settings.quality != "standard" else None


def is_asked(plan: CutPlan) -> bool:
    """Returns whether an export is to be rendered there."""
    return plan.settings.provider == "fal_remote" and obstacle(plan) is None


def inputs(
    plan: CutPlan, pieces: Mapping[int, NormalisedPiece], sign: Callable[[str], str]
) -> dict[str, Any]:
    """Returns the vendor's own input: the pieces one after the other, in whole milliseconds."""
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
