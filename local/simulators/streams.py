"""Answers streamed word by word, at a pace, until the end or until the customer hangs up."""

import contextlib
import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.simulators.faults import Fault
from local.simulators.request_log import now_ms
from local.simulators.tasks import Status, Task, TaskBook

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

STREAM_FAULTS = frozenset({"drop_reply", "hang", "failed", "slow"})
_CUTS = frozenset({"drop_reply", "hang"})
_HANG_SECONDS = 60.0
_SLOW_SECONDS = 5.0
_LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Story:
    """The frames of a streamed answer, and the frame that the vendor ends a failed one with."""

    frames: list[bytes]
    failure: bytes
    texts: Sequence[str] = ()
    """What of the answer is in each frame."""


class StreamedAnswer:
    """The body of a streamed answer.

    Its task succeeds when all is sent, fails when a fault breaks it, and is canceled when the
    customer closes the call before.
    """

    def __init__(
        self,
        story: Story,
        task: Task,
        tasks: TaskBook,
        delay_seconds: float,
        fault: Fault | None,
        environ: "WSGIEnvironment",
    ) -> None:
        self._task, self._tasks = task, tasks
        self._delay_seconds = delay_seconds
        self._fault = fault
        self._name = fault.fault if fault else ""
        half = story.frames[: max(len(story.frames) // 2, 1)]
        self._frames = half if self._name in _CUTS | {"failed"} else story.frames
        self._failure = story.failure
        self._texts = [*story.texts, *[""] * (len(story.frames) - len(story.texts))]
        connection = environ.get("werkzeug.socket")
        self._connection = connection if isinstance(connection, socket.socket) else None

    def __iter__(self) -> Iterator[bytes]:
        if self._name == "slow":
            self._wait(self._ordered_seconds(_SLOW_SECONDS))
        for frame, text in zip(self._frames, self._texts, strict=False):
            self._wait(self._delay_seconds)
            self._task.streamed.append((now_ms(), text))
            yield frame
        if self._name in _CUTS:
            self._cut()
        if self._name == "failed":
            self._tasks.advance(self._task, Status.FAILED, "failed in the middle")
            yield self._failure
        self._tasks.advance(self._task, Status.SUCCEEDED)

    def close(self) -> None:
        """Called when nobody reads on; what has ended stays as it is."""
        self._tasks.advance(self._task, Status.CANCELED, "closed by the customer")

    def _cut(self) -> None:
        if self._name == "hang":
            self._wait(self._ordered_seconds(_HANG_SECONDS))
        self._tasks.advance(self._task, Status.FAILED, "broken off")
        if self._connection:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("broken off on purpose")

    def _ordered_seconds(self, usual_seconds: float) -> float:
        ordered = self._fault.delay_seconds if self._fault else None
        return usual_seconds if ordered is None else ordered

    def _wait(self, seconds: float) -> None:
        """Raises ConnectionAbortedError when the customer is gone, or the task forgotten."""
        deadline = time.monotonic() + seconds
        while True:
            left_seconds = max(deadline - time.monotonic(), 0)
            if self._is_gone(min(left_seconds, _LOOK_SECONDS)):
                raise ConnectionAbortedError("the customer is gone")
            if time.monotonic() >= deadline:
                return

    def _is_gone(self, within_seconds: float) -> bool:
        if self._tasks.find(self._task.provider, self._task.task_id) is not self._task:
            return True
        if self._connection is None:
            time.sleep(within_seconds)
            return False
        try:
            readable, _, _ = select.select([self._connection], [], [], within_seconds)
            if not readable:
                return False
            is_closed = self._connection.recv(1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            return True
        if not is_closed:
            time.sleep(within_seconds)
        return is_closed


def cut_connection(environ: "WSGIEnvironment") -> None:
    """Close the connection that a request came over, whatever has been sent."""
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
