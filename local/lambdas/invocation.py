"""One invocation of a function and what became of it."""

import json
import queue
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

STREAM_CHUNKS = 64
"""Chunks that may wait between a function and a slow reader before the function has to wait."""


class Stream:
    """A response body on its way: the function's side puts chunks, the reader iterates.

    When the reader leaves, the function's side isn't notified: what it still puts is thrown away.
    So it is in Lambda: "streamed responses are not interrupted or stopped when the invoking client
    connection is broken. Customers will be billed for the full function duration"
    (docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html). The invoking
    client is API Gateway, so a stream that the gateway cuts at a limit goes on as well.

    `error_type` is set at the end when the function reported a failure after it began to answer.
    """

    def __init__(self) -> None:
        self._chunks: queue.Queue[bytes | None] = queue.Queue(STREAM_CHUNKS)
        self._unread = threading.Event()
        self.error_type: str | None = None

    def put(self, chunk: bytes) -> None:
        """Passes a chunk on, as soon as the reader has room for it."""
        self._offer(chunk)

    def end(self, error_type: str | None = None) -> None:
        """Says that there are no more chunks."""
        self.error_type = self.error_type or error_type
        self._offer(None)

    def _offer(self, chunk: bytes | None) -> None:
        while not self._unread.is_set():
            try:
                self._chunks.put(chunk, timeout=0.5)
            except queue.Full:
                continue
            return

    def next(self, timeout_seconds: float) -> bytes | None:
        """Returns the next chunk, None at the end. Raises TimeoutError when there is none yet."""
        try:
            return self._chunks.get(timeout=timeout_seconds)
        except queue.Empty:
            raise TimeoutError from None

    def __iter__(self) -> Iterator[bytes]:
        while (chunk := self._chunks.get()) is not None:
            yield chunk

    def close(self) -> None:
        """The reader is gone. The function goes on to its end, for nobody."""
        self._unread.set()


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended, or, with a stream, how its answer begins."""

    payload: bytes = b""
    function_error: str | None = None
    """`Unhandled` when the function failed; the payload then says how."""
    content_type: str = "application/json"
    stream: Stream | None = None
    request_id: str = ""


class Throttled(Exception):  # AWS's word
    """All processes the function may have are busy."""


class Invocation:
    """A payload on its way through one process."""

    def __init__(self, payload: bytes, arn: str, timeout_seconds: float) -> None:
        self.request_id = str(uuid.uuid4())
        self.payload = payload
        self.arn = arn
        self.timeout_seconds = timeout_seconds
        self.started = threading.Event()
        """Set when the process has picked it up."""
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._outcome: Outcome | None = None
        self.deadline = 0.0

    def begin(self) -> int:
        """The process has picked it up. Returns the deadline in milliseconds since 1970."""
        self.deadline = time.monotonic() + self.timeout_seconds
        self.started.set()
        return int((time.time() + self.timeout_seconds) * 1000)

    def finish(self, outcome: Outcome) -> bool:
        """Sets the outcome. False when there is one already: the first stays."""
        with self._lock:
            if self._outcome is not None:
                return False
            self._outcome = outcome
        self._done.set()
        return True

    def fail(self, error_type: str, message: str) -> bool:
        """Ends it with an error that Lambda itself reports."""
        return self.finish(self.failure(error_payload(error_type, message)))

    def failure(self, payload: bytes) -> Outcome:
        """Returns an outcome for a payload that describes an error."""
        return Outcome(payload, "Unhandled", request_id=self.request_id)

    def wait(self, timeout_seconds: float) -> Outcome | None:
        """Returns the outcome, or None if there is none in time."""
        return self._outcome if self._done.wait(timeout_seconds) else None


def error_payload(error_type: str, message: str) -> bytes:
    """Returns the JSON body of an error that Lambda reports."""
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()
