"""The port that every vendor's adapter implements.

Rules that the engine relies on:

* `submit` is never repeated by an adapter once bytes were sent. Every error it raises except
  `SubmitUnknown` means that nothing was created there.
* `poll` tells the truth or raises; a raised error is no verdict about the job.
* Errors are the classes of `core.errors`, chosen by the vendor's codes. Messages are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from showreel.core.errors import ProviderError, ProviderTimeout


class SubmitUnknown(ProviderTimeout):
    """The create was sent and no usable answer came: the job may exist there."""


@dataclass(frozen=True)
class SubmitRequest:
    """One job for a vendor. URLs are signed ones of our own bucket."""

    external_id: str
    """Our attempt key, unique for ever; the vendor's recovery key where it has one."""
    upstream: str
    parameters: Mapping[str, str | int | float | bool]
    prompt: str
    duration_seconds: int
    image_url: str | None = None
    end_image_url: str | None = None
    aspect_ratio: str | None = None
    native_audio: bool = False
    callback_url: str | None = None


@dataclass(frozen=True)
class Task:
    """A job at the vendor. `handle` is what the adapter needs to find it again."""

    task_id: str
    handle: str


Submitted = Task


@dataclass(frozen=True)
class Pending:
    """Not finished, or in a state we don't know."""


@dataclass(frozen=True)
class Succeeded:
    """Finished; `urls` are where the vendor serves the results, best first."""

    urls: tuple[str, ...]


@dataclass(frozen=True)
class Failed:
    """Finished without a result; `error` is its class."""

    error: ProviderError = field(compare=False)


PollResult = Pending | Succeeded | Failed


class Provider(Protocol):
    """A vendor."""

    name: str
    can_find: bool
    """Whether `find` sees a job whose create was answered by nobody."""
    result_hosts: frozenset[str]
    """Hosts that results may be fetched from: exact, or `*.example.com`."""

    def submit(self, request: SubmitRequest) -> Submitted:
        """Creates one job. Raises SubmitUnknown if it may exist, else another ProviderError."""
        ...

    def poll(self, task: Task) -> PollResult:
        """How the job stands."""
        ...

    def find(self, external_id: str, *, has_image: bool) -> Task | None:
        """The job that was created under `external_id`, or None if there is none."""
        ...

    def cancel(self, task: Task) -> bool:
        """Stops the job there. False if the vendor can't or it is over."""
        ...
