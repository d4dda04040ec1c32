"""The port of vendors that answer a create with the finished file itself.

There is no task to poll: a create whose answer was lost is lost, and never sent again. `make`
raises SubmitUnknown then; every other ProviderError means that nothing was billed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

SoundKind = Literal["speech", "sound", "music"]


@dataclass(frozen=True)
class MakeRequest:
    """The order of one file. `text` is spoken, or describes a sound or music."""

    upstream: str
    kind: SoundKind
    text: str
    voice_id: str | None = None
    duration_seconds: float | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MadeFile:
    """A file that was written to the given path. `characters` is the vendor's count, if known."""

    content_type: str
    characters: int | None = None


class SynchronousProvider(Protocol):
    """The port of vendors that answer with files."""

    name: str
    base_url: str

    def check_health(self, upstream: str) -> None:
        """Does as `Provider.check_health`."""
        ...

    def make(self, request: MakeRequest, path: Path, *, total_seconds: float) -> MadeFile:
        """Writes the file to `path`, within `total_seconds` and 100 MB."""
        ...
