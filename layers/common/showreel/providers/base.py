"""The port that every vendor's adapter implements.

Rules that the engine relies on:

* `submit` is never repeated by an adapter once bytes were sent. Every error it raises except
  `SubmitUnknown` means that nothing was created there.
* `poll` returns what the vendor says or raises; a raised error says nothing about the job.
* Errors are the classes of `core.errors`, chosen by the vendor's codes. Messages are ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from showreel.core.errors import ProviderError, ProviderTimeout


class SubmitUnknown(ProviderTimeout):
    """The create was sent and no usable answer came: the job may exist there."""


class SubmitLost(ProviderError):
    """A create may have arrived, can't be looked up, and must not be sent again."""

    code = "submit_unknown"


Recovery = Literal["resend", "look_up", "none"]
"""What can be done about a create that was not answered.

* `resend`: `find` sees every job, so a create that it doesn't see may be sent again.
* `look_up`: `find` may see it; not seeing it proves nothing, so it is never sent again.
* `none`: the vendor can't be asked.
"""


@dataclass(frozen=True)
class InputPicture:
    """A JPEG of our bucket, as a signed URL, or as bytes for a vendor that takes no URLs."""

    url: str
    read: Callable[[], bytes] = field(compare=False, repr=False)

    @property
    def path(self) -> str:
        """The URL's path, the only part that a vendor's listing shows for sure."""
        return urlsplit(self.url).path


@dataclass(frozen=True)
class SubmitRequest:
    """One job for a vendor."""

    external_id: str
    """Our attempt key, unique for ever; vendors that take one can be asked for a job by it."""
    upstream: str
    parameters: Mapping[str, str | int | float | bool]
    prompt: str
    duration_seconds: int
    image: InputPicture | None = None
    end_image: InputPicture | None = None
    aspect_ratio: str | None = None
    resolution: Literal["720p", "1080p"] = "1080p"
    native_audio: bool = False
    callback_url: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """The vendor's own input fields, from callers of the routed endpoints. Checked by the
    catalogue; media URLs in it are signed ones of our bucket.
    """


@dataclass(frozen=True)
class Lookup:
    """What is known about a create that was not answered, to find its job."""

    external_id: str
    sent_at_seconds: int
    """When it was sent, seconds since 1970. Other jobs with the same picture may be older."""
    upstream: str = ""
    prompt: str = ""
    image_path: str | None = None
    """The path of the picture's URL."""
    reported_task_id: str | None = None
    """The task id from a webhook with valid signatures; still to be checked."""


@dataclass(frozen=True)
class VendorTask:
    """A job at the vendor. `handle` is what the adapter needs to find it again."""

    task_id: str
    handle: str


@dataclass(frozen=True)
class Pending:
    """Not finished, or in a state we don't know; with the vendor's progress report, if any."""

    queue_position: int | None = None
    percent: int | None = None
    is_running: bool = False
    """Whether the job is being made, not waiting in a queue."""
    logs: tuple[str, ...] = ()
    """The latest lines that the vendor's model wrote for its callers."""


@dataclass(frozen=True)
class Succeeded:
    """Finished; `urls` are where the vendor serves the results, best first.

    `headers` are sent to the first URL's own origin and to no other. `data` is the result itself,
    from a vendor that answers with it instead of a URL.
    """

    urls: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    data: bytes | None = field(default=None, repr=False)
    output: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The vendor's whole result, for models that return more than files. Untrusted."""


@dataclass(frozen=True)
class Failed:
    """Finished without a result; `error` says why."""

    error: ProviderError = field(compare=False)


PollResult = Pending | Succeeded | Failed


class Provider(Protocol):
    """The port of vendors of jobs."""

    name: str
    base_url: str
    recovery: Recovery
    has_webhooks: bool
    """Whether it calls `callback_url` when a job has ended."""
    result_hosts: frozenset[str]
    """Hosts that results may be fetched from: exact, or `*.example.com`."""
    keeps_seconds: int
    """How long the vendor keeps a result."""
    reads_pictures: bool
    """Whether it is sent pictures' bytes instead of their URLs."""

    def check_health(self, upstream: str) -> None:
        """Sends a read that orders nothing, before a create that couldn't be looked up.

        Raises ProviderUpstream unless it answers.
        """
        ...

    def submit(self, request: SubmitRequest) -> VendorTask:
        """Creates one job. Raises SubmitUnknown if it may exist, else another ProviderError."""
        ...

    def poll(self, task: VendorTask) -> PollResult:
        """Returns the job's state. Raises ProviderError if there is no usable answer."""
        ...

    def find(self, lookup: Lookup) -> VendorTask | None:
        """Returns the job that the create made, or None if the vendor doesn't show it."""
        ...

    def cancel(self, task: VendorTask) -> bool:
        """Stops the job at the vendor; False if the vendor can't, or the job is over."""
        ...
