"""Effects, which conversations yield to have I/O done.

The service's logic is generators that yield effects and are sent the results; they open no sockets,
read no clock and never sleep. `sync_driver` and `async_driver` carry out the effects.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from showreel_client.models import Progress

MAX_BODY_BYTES = 16_000_000


@dataclass(frozen=True)
class Request:
    """An HTTP request. It is sent with the caller's token only if it `is_ours`."""

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
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Lost:
    """A request without a usable answer. `may_retry` says whether it could get one if repeated."""

    reason: str
    may_retry: bool = True


@dataclass(frozen=True)
class Send:
    """Sends a request; the result is an Answer or a Lost. Closes an open stream."""

    request: Request


@dataclass(frozen=True)
class Read:
    """Reads the next bytes of the open stream, empty at its end; the result may be a Lost."""


@dataclass(frozen=True)
class Sleep:
    """Waits, at most until the caller cancels."""

    seconds: float


@dataclass(frozen=True)
class Report:
    """Calls the caller's progress callback."""

    progress: Progress


@dataclass(frozen=True)
class Emit:
    """Gives a piece of text or an event to a caller who iterates."""

    value: Any


@dataclass(frozen=True)
class JobKnown:
    """Notifies the driver of a job's id, so that a cancellation stops it on the server too."""

    job_id: str


Effect = Send | Read | Sleep | Report | Emit | JobKnown
T = TypeVar("T")
Conversation = Generator[Effect, Any, T]
