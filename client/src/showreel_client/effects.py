"""What a conversation asks of the world.

The service's logic is generators that yield these and are sent the answers; they open no socket,
read no clock and never sleep. The drivers of `sync_driver` and `async_driver` do what they ask.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from showreel_client.models import Progress

MAX_BODY_BYTES = 16_000_000


@dataclass(frozen=True)
class Request:
    """One HTTP request. Only one that `is_ours` is sent with the caller's token."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    content: bytes | Path | None = field(default=None, repr=False)
    is_ours: bool = True
    silence_seconds: float = 90.0
    """The longest time without a byte."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; header names are lower-case. Of an event stream the body is still to come."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    is_stream: bool = False

    @property
    def is_ok(self) -> bool:
        """A 2xx."""
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Lost:
    """No usable answer. `may_retry` tells whether the same request could get one."""

    reason: str
    may_retry: bool = True


@dataclass(frozen=True)
class Send:
    """Answered with an Answer or a Lost. Closes the stream of the answer before."""

    request: Request


@dataclass(frozen=True)
class Read:
    """The next bytes of the open stream, empty at its end, or a Lost."""


@dataclass(frozen=True)
class Sleep:
    """Waits, or less if the caller cancels."""

    seconds: float


@dataclass(frozen=True)
class Report:
    """Tells the caller's progress callback."""

    progress: Progress


@dataclass(frozen=True)
class Emit:
    """A piece of text, or an event, for a caller who iterates."""

    value: Any


@dataclass(frozen=True)
class JobKnown:
    """The server named the job: from now on a cancellation stops it there too."""

    job_id: str


Effect = Send | Read | Sleep | Report | Emit | JobKnown
T = TypeVar("T")
Conversation = Generator[Effect, Any, T]
