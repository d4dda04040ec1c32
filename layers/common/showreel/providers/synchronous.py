"""The port of vendors that answer a create with the finished file itself.

There is no task to ask for afterwards: a create whose answer was lost is lost, and is never sent
again. `make` raises SubmitUnknown then; every other ProviderError means that nothing was billed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

SoundKind = Literal["speech", "sound", "music"]


@dataclass(frozen=True)
class MakeRequest:
    """One file. `text` is what is spoken, or the description of a sound or of music."""

    upstream: str
    kind: SoundKind
    text: str
    voice_id: str | None = None
    duration_seconds: float | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MadeFile:
    """The file is at the path that was given. `characters` is what the vendor counted, if told."""

    content_type: str
    characters: int | None = None


class SynchronousProvider(Protocol):
    """A vendor that answers with files."""

    name: str
    base_url: str

    def check_health(self, upstream: str) -> None:
        """As vendors of jobs do."""
        ...

    def make(self, request: MakeRequest, path: Path, *, total_seconds: float) -> MadeFile:
        """Writes the file to `path`, within `total_seconds` and 100 MB."""
        ...
