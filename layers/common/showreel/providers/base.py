"""The port that every vendor's adapter implements.

Rules that the engine relies on:

* `submit` is never repeated by an adapter once bytes were sent. Every error it raises except
  `SubmitUnknown` means that nothing was created there.
* `poll` tells the truth or raises; a raised error is no verdict about the job.
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
    """Nobody can say what became of a create, and it must not be sent again."""

    code = "submit_unknown"


Recovery = Literal["resend", "look_up", "none"]
"""What can be done about a create that nobody answered.

* `resend`: `find` sees every job, so that one it doesn't see may be sent again.
* `look_up`: `find` may see it; not seeing it proves nothing, so it is never sent again.
* `none`: the vendor can't be asked.
"""


@dataclass(frozen=True)
class InputPicture:
    """A JPEG of our own bucket: by signed URL, or its bytes for a vendor that takes no URLs."""

    url: str
    read: Callable[[], bytes] = field(compare=False, repr=False)

    @property
    def path(self) -> str:
        """Returns the URL's path, all that a vendor's listing shows of the picture for sure."""
        return urlsplit(self.url).path


@dataclass(frozen=True)
class SubmitRequest:
    """One job for a vendor."""

    external_id: str
    """Our attempt key, unique for ever; the vendor's recovery key where it has one."""
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
    """What is known about a create that nobody answered."""

    external_id: str
    sent_at_seconds: int
    """When it was sent, seconds since 1970. Other jobs with the same picture may be older."""
    upstream: str = ""
    prompt: str = ""
    image_path: str | None = None
    """The path of the picture's URL."""
    told_task_id: str | None = None
    """The id that a webhook with valid signatures gave; still to be looked at."""


@dataclass(frozen=True)
class VendorTask:
    """A job at the vendor. `handle` is what the adapter needs to find it again."""

    task_id: str
    handle: str


@dataclass(frozen=True)
class Pending:
    """Not finished, or in a state we don't know. What the vendor tells of the way, if anything."""

    queue_position: int | None = None
    percent: int | None = None
    is_running: bool = False
    """At work, not waiting in a queue."""
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
    """The vendor's whole result of a model of ours that answers with more than files. Hostile."""


@dataclass(frozen=True)
class Failed:
    """Finished without a result; `error` is its class."""

    error: ProviderError = field(compare=False)


PollResult = Pending | Succeeded | Failed


class Provider(Protocol):
    """A vendor."""

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
        """Asks the vendor something harmless before a create of a model that couldn't be looked up.

        Raises ProviderUpstream unless it answers.
        """
        ...

    def submit(self, request: SubmitRequest) -> VendorTask:
        """Creates one job. Raises SubmitUnknown if it may exist, else another ProviderError."""
        ...

    def poll(self, task: VendorTask) -> PollResult:
        """Tells how the job stands."""
        ...

    def find(self, lookup: Lookup) -> VendorTask | None:
        """Finds the job that was created, None if it isn't seen."""
        ...

    def cancel(self, task: VendorTask) -> bool:
        """Stops the job there. False if the vendor can't or it is over."""
        ...
