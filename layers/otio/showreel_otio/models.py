"""A file's contents in seconds, without the library's objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Mark:
    """A marker that an export wrote."""

    own: Mapping[str, Any]
    text: str
    start: float
    seconds: float


@dataclass(frozen=True)
class FileClip:
    """A clip on a file's track: `seconds` of a medium, from its second `start` on."""

    place: str
    name: str
    own: Mapping[str, Any]
    """Our own metadata; an editor may have dropped it."""
    files: tuple[str, ...]
    """The names that its file may have."""
    at: float
    """The second of the track at which it begins."""
    start: float
    seconds: float
    speed: float
    """0 for a held picture."""
    enabled: bool
    decibels: float | None
    """None if the file has no volume."""
    effects: tuple[str, ...]
    """The names of its other effects, which an import loses."""
    marks: tuple[Mark, ...]

    @property
    def end(self) -> float:
        """The second of the medium at which it ends."""
        return self.start + self.seconds


@dataclass(frozen=True)
class Hole:
    """A gap on a track."""

    place: str
    seconds: float


@dataclass(frozen=True)
class Blend:
    """A transition: how much it uses of the clips before and after it, in seconds."""

    place: str
    type: str
    own: Mapping[str, Any]
    before: float
    after: float


FileItem = FileClip | Hole | Blend


@dataclass(frozen=True)
class FileTrack:
    """A track with its clips, gaps and transitions."""

    place: str
    kind: str
    own: Mapping[str, Any]
    items: tuple[FileItem, ...]

    @property
    def clips(self) -> tuple[FileClip, ...]:
        """The clips on the track."""
        return tuple(item for item in self.items if isinstance(item, FileClip))


@dataclass(frozen=True)
class FileCut:
    """The contents of a file."""

    own: Mapping[str, Any]
    rate: float | None
    tracks: tuple[FileTrack, ...]
    marks: tuple[Mark, ...] = field(default=())
