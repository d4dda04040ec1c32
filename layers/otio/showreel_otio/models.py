"""What a file says, in seconds, without the library's objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Mark:
    """A marker that we have written."""

    own: Mapping[str, Any]
    text: str
    start: float
    seconds: float


@dataclass(frozen=True)
class FileClip:
    """A clip of a file's track: `seconds` of a medium, from its second `start` on."""

    place: str
    name: str
    own: Mapping[str, Any]
    """Our metadata; an editor may have dropped it."""
    files: tuple[str, ...]
    """The names that its file may have."""
    at: float
    """When it begins on its track."""
    start: float
    seconds: float
    speed: float
    """0 holds one picture."""
    enabled: bool
    decibels: float | None
    """None if the file doesn't say."""
    effects: tuple[str, ...]
    """What else is done to it, and lost here."""
    marks: tuple[Mark, ...]

    @property
    def end(self) -> float:
        """The second of the medium at which it ends."""
        return self.start + self.seconds


@dataclass(frozen=True)
class Hole:
    """Nothing, for a while."""

    place: str
    seconds: float


@dataclass(frozen=True)
class Blend:
    """A transition: what it uses of the clip before it and of the one behind."""

    place: str
    type: str
    own: Mapping[str, Any]
    before: float
    after: float


FileItem = FileClip | Hole | Blend


@dataclass(frozen=True)
class FileTrack:
    """A track."""

    place: str
    kind: str
    own: Mapping[str, Any]
    items: tuple[FileItem, ...]

    @property
    def clips(self) -> tuple[FileClip, ...]:
        """Its clips."""
        return tuple(item for item in self.items if isinstance(item, FileClip))


@dataclass(frozen=True)
class FileCut:
    """A file."""

    own: Mapping[str, Any]
    rate: float | None
    tracks: tuple[FileTrack, ...]
    marks: tuple[Mark, ...] = field(default=())
