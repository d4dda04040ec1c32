"""A timeline as it is stored, and the settings of an export.

A timeline has a row for each shot that has a video or a picture, with its voice-over and caption,
so that these move along when rows are put in another order. Lengths are whole milliseconds here and
whole frames in the plan of an export (`plan.py`).
"""

from typing import Literal

from pydantic import Field

from showreel.core.clock import now_seconds
from showreel.core.framing import Fit
from showreel.core.models import FrozenModel
from showreel.media.profile import AspectRatio, Codec, Resolution

RowKind = Literal["video", "image"]
JointKind = Literal["cut", "crossfade", "dissolve"]
Quality = Literal["draft", "standard", "high"]
Captions = Literal["none", "sidecar", "burned", "both"]
RendererName = Literal["ffmpeg", "fal_remote"]

EXPORT_CREDITS = 12
MAX_ROWS = 200
MAX_TEXTS = 100
MAX_ROW_MS = 120_000
"""The longest that one shot is shown: it is normalised in one go."""
MAX_CUT_SECONDS = 1800
STILL_MS = 5_000
"""How long a picture is shown whose shot has no length of its own."""
FULL_VOLUME = 100


class Transition(FrozenModel):
    """How a row meets the next one. Both share `duration_ms`, which is 0 for a cut."""

    kind: JointKind = "cut"
    duration_ms: int = Field(default=0, ge=0, le=3_000)


class VoiceOver(FrozenModel):
    """A shot's speech, of `source_ms`. It begins when its shot does."""

    key: str
    source_ms: int


class CutRow(FrozenModel):
    """What is shown of a shot, and from when to when.

    A video may be shown longer than it is: it then holds its last frame.
    """

    id: str
    """The shot's id."""
    scene_id: str
    scene_number: int
    shot_number: int
    title: str | None = None
    kind: RowKind
    key: str
    """The object that is shown."""
    source_ms: int | None = None
    """The probed length of a video; None for a picture."""
    in_ms: int = Field(default=0, ge=0)
    """What is left out of a video's beginning."""
    duration_ms: int = Field(ge=1, le=MAX_ROW_MS)
    """How long it is shown at least; its voice-over may need more."""
    included: bool = True
    """Whether exports show it; False is a user's choice."""
    volume: int = Field(default=FULL_VOLUME, ge=0, le=200)
    """Of the video's own sound, in percent."""
    fit: Fit | None = None
    """None is the export's."""
    camera: str = ""
    """The camera move over a picture, in words."""
    transition: Transition | None = None
    """To the next row that is shown; None is the export's."""
    voice_over: VoiceOver | None = None
    voice_volume: int = Field(default=FULL_VOLUME, ge=0, le=200)
    """In percent. At 0 the voice-over isn't heard, and needs no time."""
    caption: str | None = None
    """What is spoken in the shot."""
    edited: frozenset[str] = frozenset()
    """The fields that a user has set: a sync leaves them alone."""


class TextRow(FrozenModel):
    """A text that a user has laid over the film, wherever its shots are."""

    id: str
    text: str
    start_ms: int = Field(ge=0)
    duration_ms: int = Field(ge=1)

    @property
    def end_ms(self) -> int:
        """When it isn't shown any more."""
        return self.start_ms + self.duration_ms


class MusicRow(FrozenModel):
    """The music under the whole film. At `volume` 50 and more it is as loud as a film is."""

    track_id: str
    volume: int = Field(default=50, ge=0, le=100)


class Timeline(FrozenModel):
    """The rows in their order. `revision` grows by one with every change, 0 is a new one."""

    project_id: str
    workspace_id: str
    revision: int = 0
    rows: tuple[CutRow, ...] = ()
    texts: tuple[TextRow, ...] = ()
    music: MusicRow | None = None
    edited: frozenset[str] = frozenset()
    """`order` and `music`, if a user has set them."""
    board_digest: str | None = None
    """What the storyboard's shots showed when this was synchronised last; None before that."""

    @property
    def shown(self) -> tuple[CutRow, ...]:
        """The rows that exports show."""
        return tuple(row for row in self.rows if row.included)


class Ahead(FrozenModel):
    """The newest execution that makes a project's pieces: ahead of an export, or of an export."""

    id: str
    digest: str
    """Of the pieces that it makes."""
    begun_at: int = Field(default_factory=now_seconds)


class ExportSettings(FrozenModel):
    """How an export is made, with nothing left open."""

    provider: RendererName = "ffmpeg"
    aspect_ratio: AspectRatio
    resolution: Resolution = "1080p"
    fps: int = Field(default=24, ge=12, le=60)
    codec: Codec = "h264"
    quality: Quality = "standard"
    include_audio: bool = True
    transition: Transition = Transition()
    music_volume: int | None = None
    """None is the timeline's."""
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
