"""Models of a timeline as it is stored, and of an export's settings.

A timeline has a row for each shot that has a video or a picture, with its voice-over and caption,
which move with it when rows are reordered. Lengths are whole milliseconds here and whole frames in
the plan of an export (`plan.py`).
"""

from typing import Literal

from pydantic import Field

from showreel.core.clock import now_seconds
from showreel.core.framing import Fit
from showreel.core.models import FrozenModel
from showreel.media.profile import AspectRatio, Codec, Resolution

RowKind = Literal["video", "image"]
ExportTransitionKind = Literal["cut", "crossfade", "dissolve"]
Quality = Literal["draft", "standard", "high"]
Captions = Literal["none", "sidecar", "burned", "both"]
RendererName = Literal["ffmpeg", "fal_remote"]

EXPORT_CREDITS = 12
MAX_ROWS = 200
MAX_TEXTS = 100
MAX_ROW_MS = 120_000
"""The longest that one shot is shown, because it is normalised by one step."""
MAX_CUT_SECONDS = 1800
STILL_MS = 5_000
"""How long a picture is shown if its shot has no length of its own."""
FULL_VOLUME = 100


class Transition(FrozenModel):
    """How a row meets the next one. Both share `duration_ms`, which is 0 for a cut."""

    kind: ExportTransitionKind = "cut"
    duration_ms: int = Field(default=0, ge=0, le=3_000)


class VoiceOver(FrozenModel):
    """A shot's speech, `source_ms` long, which begins when the shot does."""

    key: str
    source_ms: int


class CutRow(FrozenModel):
    """A shot in the timeline: what is shown of it, and for how long.

    A video that is shown longer than it is holds its last frame.
    """

    id: str
    """The shot's id."""
    scene_id: str
    scene_number: int
    shot_number: int
    title: str | None = None
    kind: RowKind
    key: str
    """The object of the video or picture that is shown."""
    source_ms: int | None = None
    """The probed length of a video; None for a picture."""
    in_ms: int = Field(default=0, ge=0)
    """How much of the video's beginning is left out."""
    duration_ms: int = Field(ge=1, le=MAX_ROW_MS)
    """How long it is shown at least; a longer voice-over extends it."""
    included: bool = True
    """Whether exports show it; False is a user's choice."""
    volume: int = Field(default=FULL_VOLUME, ge=0, le=200)
    """The volume of the video's own sound, in percent."""
    fit: Fit | None = None
    """None stands for the export's."""
    camera: str = ""
    """The camera move over a picture, in words."""
    transition: Transition | None = None
    """The transition to the next row that is shown; None stands for the export's."""
    voice_over: VoiceOver | None = None
    voice_volume: int = Field(default=FULL_VOLUME, ge=0, le=200)
    """In percent. At 0 the voice-over is left out and doesn't extend the row."""
    caption: str | None = None
    """The shot's dialogue, or what a user wrote instead."""
    edited: frozenset[str] = frozenset()
    """The fields that a user has set, which a sync keeps."""


class TextRow(FrozenModel):
    """A text that a user has laid over the film, independent of shots."""

    id: str
    text: str
    start_ms: int = Field(ge=0)
    duration_ms: int = Field(ge=1)

    @property
    def end_ms(self) -> int:
        """The time at which it ends."""
        return self.start_ms + self.duration_ms


class MusicRow(FrozenModel):
    """The music under the whole film. At `volume` 50 and more it is as loud as a film is."""

    track_id: str
    volume: int = Field(default=50, ge=0, le=100)


class Timeline(FrozenModel):
    """The rows in their order. `revision` grows by one with every change; a new timeline has 0."""

    project_id: str
    workspace_id: str
    revision: int = 0
    rows: tuple[CutRow, ...] = ()
    texts: tuple[TextRow, ...] = ()
    music: MusicRow | None = None
    edited: frozenset[str] = frozenset()
    """Which of `order` and `music` a user has set."""
    board_digest: str | None = None
    """The digest of the storyboard's shots at the last sync; None before the first."""

    @property
    def shown(self) -> tuple[CutRow, ...]:
        """The rows that exports show."""
        return tuple(row for row in self.rows if row.included)


class Ahead(FrozenModel):
    """The newest execution that makes a project's pieces, either ahead or for an export."""

    id: str
    digest: str
    """The digest of the pieces that it makes."""
    begun_at: int = Field(default_factory=now_seconds)


class ExportSettings(FrozenModel):
    """The settings of an export, all of them filled in."""

    provider: RendererName = "ffmpeg"
    aspect_ratio: AspectRatio
    resolution: Resolution = "1080p"
    fps: int = Field(default=24, ge=12, le=60)
    codec: Codec = "h264"
    quality: Quality = "standard"
    include_audio: bool = True
    transition: Transition = Transition()
    music_volume: int | None = None
    """None stands for the timeline's."""
    fit: Fit = "auto"
    captions: Captions = "none"

    @property
    def burns_captions(self) -> bool:
        """Whether captions are part of the picture."""
        return self.captions in {"burned", "both"}

    @property
    def has_sidecars(self) -> bool:
        """Whether captions are files beside the film."""
        return self.captions in {"sidecar", "both"}
