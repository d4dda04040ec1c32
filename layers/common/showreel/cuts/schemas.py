"""Request bodies of timelines and exports: bounded; unknown fields are dropped."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from showreel.core.errors import InvalidInput
from showreel.core.framing import Fit
from showreel.core.text import plain_text
from showreel.core.wire import Body, Wire
from showreel.cuts.models import (
    MAX_CUT_SECONDS,
    MAX_ROW_MS,
    MAX_ROWS,
    MAX_TEXTS,
    Captions,
    ExportTransitionKind,
    Quality,
    RendererName,
)
from showreel.edge.fields import Id, Text
from showreel.media.profile import AspectRatio, Codec, Resolution

Action = Literal["sync", "create", "retry", "status"]
Flag = Annotated[bool, Field(strict=True)]
Percent = Annotated[int, Field(ge=0, le=100, strict=True)]
Volume = Annotated[int, Field(ge=0, le=200, strict=True)]
Milliseconds = Annotated[int, Field(ge=0, le=MAX_CUT_SECONDS * 1000, strict=True)]
TransitionMs = Annotated[int, Field(ge=0, le=3_000, strict=True)]
TextLine = Annotated[
    str, StringConstraints(min_length=1, max_length=500), AfterValidator(plain_text)
]
DEFAULT_TRANSITION_MS = 500
LEAST_MS = 100
"""The shortest row or text: at least one frame at any rate."""


class TransitionFields(Wire):
    """How two rows meet. A cut takes no time."""

    type: ExportTransitionKind
    duration_ms: TransitionMs | None = None

    @property
    def length_ms(self) -> int:
        """Its length in milliseconds, 0 for a cut."""
        if self.type == "cut":
            return 0
        return DEFAULT_TRANSITION_MS if self.duration_ms is None else self.duration_ms


class Settings(Wire):
    """How an export is to be made; what is left out is the project's or the usual."""

    provider: RendererName = "ffmpeg"
    aspect_ratio: AspectRatio | None = None
    resolution: Resolution = "1080p"
    fps: Annotated[int, Field(ge=12, le=60, strict=True)] = 24
    codec: Codec = "h264"
    quality: Quality = "standard"
    include_audio: Flag = True
    transitions: ExportTransitionKind | TransitionFields = "cut"
    music_volume: Percent | None = None
    fit: Fit = "auto"
    captions: Captions = "none"


class DirectorCutRequest(Wire):
    """`POST /functions/v1/director-cut`."""

    action: Action
    project_id: Id | None = None
    job_id: Id | None = None
    settings: Settings | None = None
    allow_partial: Flag = False

    @model_validator(mode="after")
    def _names_what_it_is_about(self) -> "DirectorCutRequest":
        needed = "job_id" if self.action == "status" else "project_id"
        if getattr(self, needed) is None:
            shown = {"job_id": "jobId", "project_id": "projectId"}[needed]
            raise ValueError(f"{shown} is required for the action {self.action}")
        return self


class RowChange(Body):
    """Changes of one row: only what the body names. null takes back a fit, a transition or a
    caption.
    """

    id: Id
    in_ms: Milliseconds | None = None
    duration_ms: Annotated[int, Field(ge=LEAST_MS, le=MAX_ROW_MS, strict=True)] | None = None
    included: Flag | None = None
    volume: Volume | None = None
    voice_volume: Volume | None = None
    fit: Fit | None = None
    transition: TransitionFields | None = None
    caption: Text | None = None


class TextFields(Wire):
    """A text over the film from `start_ms` to `end_ms`. A new one has no id."""

    id: Id | None = None
    text: TextLine
    start_ms: Milliseconds
    end_ms: Milliseconds

    @model_validator(mode="after")
    def _can_be_seen(self) -> "TextFields":
        if self.end_ms < self.start_ms + LEAST_MS:
            raise ValueError(f"endMs must be at least {LEAST_MS} ms after startMs")
        return self


class MusicFields(Wire):
    """The music under the film."""

    track_id: Id
    volume: Percent = 50


class TimelineChange(Body):
    """Changes of a timeline whose `revision` is the one that was read."""

    revision: Annotated[int, Field(ge=0, strict=True)]
    order: Annotated[list[Id], Field(max_length=MAX_ROWS)] | None = None
    """Must have every row, once."""
    rows: Annotated[list[RowChange], Field(max_length=MAX_ROWS)] | None = None
    texts: Annotated[list[TextFields], Field(max_length=MAX_TEXTS)] | None = None
    """Replaces all texts."""
    music: MusicFields | None = None


NULLABLE = frozenset({"fit", "transition", "caption"})


def row_changes(change: RowChange) -> dict[str, Any]:
    """Returns the attributes that the body names. Raises InvalidInput for null in a field that a
    row always has.
    """
    named = change.given() - {"id"}
    values = {name: getattr(change, name) for name in named}
    empty = sorted(name for name in named - NULLABLE if values[name] is None)
    if empty:
        field = RowChange.model_fields[empty[0]].alias or empty[0]
        raise InvalidInput(f"{field}: a row always has a value", field=f"rows.{change.id}.{field}")
    if change.transition is not None:
        kind, length = change.transition.type, change.transition.length_ms
        values["transition"] = {"kind": kind, "duration_ms": length}
    return values
