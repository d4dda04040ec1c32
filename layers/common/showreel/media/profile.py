"""The profile, the one format of a film: each piece is encoded in it once, then only copied.

Two pieces can be joined by copying only if their parameter sets are the same bytes. So nothing
here depends on a clip's content: codec, preset, rate factor, GOP and timescale are fixed.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field

from showreel.core.models import FrozenModel

AspectRatio = Literal["16:9", "9:16", "1:1"]
Resolution = Literal["720p", "1080p"]
Codec = Literal["h264", "h265"]
Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"]

SHORT_SIDES: dict[str, int] = {"720p": 720, "1080p": 1080}
RATIOS: dict[str, tuple[int, int]] = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1)}
CROSSFADE_SECONDS = 0.5
TRANSITION_SECONDS = 1.0
"""How long an AI transition is shown, whatever the model's shortest length is."""
GOP_SECONDS = 4
"""The pause between sync frames, which need much space; those for crossfades are added."""

_LEVELS = ((108_000, "3.1"), (216_000, "3.2"), (245_760, "4.0"), (522_240, "4.2"), (983_040, "5.1"))
"""The most macroblocks per second of each H.264 level (table A-1)."""

_DRAFT: Mapping[str, Any] = {"draft": True, "preset": "ultrafast", "crf": 26}
"""How drafts are encoded: in two fifths of a film's CPU seconds, to files twice as large (SSIM to
what the camera renders 0.9886 of a move over a still at 720p; the next slower preset 0.9921).
"""

BT709 = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"

JPEG_COLOURS = (
    "scale=in_range=tv:in_color_matrix=bt709,format=rgb24,"
    "scale=out_range=pc:out_color_matrix=bt601,format=yuvj420p"
)
"""A JPEG is full-range BT.601 by definition. The way through RGB is needed: between YUV formats of
the same size FFmpeg's scaler changes the range and silently keeps the matrix.
"""


class Profile(FrozenModel):
    """Frame size in pixels (even), whole frames per second, and how it is encoded. The camera moves
    of a `draft` are rendered in fewer steps.

    `crf` is the encoder's own scale of quality: smaller is better, 28 in H.265 looks like 23 in
    H.264.
    """

    width: int = Field(ge=16, le=4096, multiple_of=2)
    height: int = Field(ge=16, le=4096, multiple_of=2)
    fps: int = Field(ge=1, le=60)
    codec: Codec = "h264"
    preset: Preset = "veryfast"
    crf: int = Field(default=21, ge=1, le=51)
    draft: bool = False

    @classmethod
    def of(
        cls,
        aspect_ratio: AspectRatio,
        resolution: Resolution,
        fps: int = 24,
        *,
        draft: bool = False,
    ) -> "Profile":
        """Returns the profile of a film or draft, whose shorter side is 720 or 1080 pixels."""
        across, down = RATIOS[aspect_ratio]
        unit = SHORT_SIDES[resolution] / min(across, down)
        size = {"width": round(across * unit), "height": round(down * unit)}
        return cls(**size, fps=fps, **(_DRAFT if draft else {}))

    @property
    def timescale(self) -> int:
        """Ticks per second of the video track: a frame has 512 ticks at any rate."""
        return self.fps * 512

    @property
    def crossfade_frames(self) -> int:
        """The length of a crossfade: the frames that two neighbours share."""
        return max(1, int(self.fps * CROSSFADE_SECONDS))

    @property
    def level(self) -> str:
        """The H.264 level, which follows from size and rate."""
        macroblocks = -(-self.width // 16) * -(-self.height // 16) * self.fps
        return next((name for most, name in _LEVELS if macroblocks <= most), "5.2")

    def frames(self, seconds: float) -> int:
        """Returns the whole frames in `seconds`, at least one."""
        return max(1, round(seconds * self.fps))

    def seconds(self, frames: int) -> float:
        """Returns the seconds of `frames`."""
        return frames / self.fps

    def transition_frames(self, frames: int) -> list[int]:
        """Returns the frames where a clip needs an IDR, so that crossfades can replace its ends."""
        ends = {self.crossfade_frames, frames - self.crossfade_frames}
        return sorted(end for end in ends if 0 < end < frames)

    def encode_arguments(self, frames: int, cuts: Iterable[int] | None = None) -> list[str]:
        """Returns encoder arguments for a piece of `frames` frames, cuttable by copying at `cuts`,
        by default at its `transition_frames`.
        """
        forced = self.transition_frames(frames) if cuts is None else cuts
        return [
            *self._codec_arguments(),
            *("-preset", self.preset, "-crf", str(self.crf), "-pix_fmt", "yuv420p"),
            *("-g", str(GOP_SECONDS * self.fps), "-forced-idr", "1"),
            *self._forced_arguments(forced),
            *("-color_range", "tv", "-color_primaries", "bt709"),
            *("-color_trc", "bt709", "-colorspace", "bt709"),
            *("-frames:v", str(frames), "-an", "-sn", "-dn"),
            *self.container_arguments(),
        ]

    def container_arguments(self) -> list[str]:
        """Returns MP4 arguments with which equal input gives equal bytes."""
        timescale = str(self.timescale)
        return [
            *("-map_metadata", "-1", "-map_chapters", "-1"),
            *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
            *(("-tag:v", "hvc1") if self.codec == "h265" else ()),
            *("-video_track_timescale", timescale, "-f", "mp4"),
        ]

    def _codec_arguments(self) -> list[str]:
        """Returns the codec's arguments, so that all clips get the same parameter sets."""
        if self.codec == "h265":
            fixed = "open-gop=0:scenecut=0:min-keyint=1:chromaloc=0:info=0"
            return ["-c:v", "libx265", "-x265-params", fixed]
        level = ["-profile:v", "high", "-level:v", self.level, "-sc_threshold", "0"]
        return ["-c:v", "libx264", *level, "-x264-params", "stitchable=1:open-gop=0:chromaloc=0"]

    def _forced_arguments(self, cuts: Iterable[int]) -> list[str]:
        """Forces IDRs, half a frame early: the first frame at or after a time becomes one."""
        times = [f"{(frame - 0.5) / self.fps:.6f}" for frame in cuts]
        return ["-force_key_frames", ",".join(times)] if times else []
