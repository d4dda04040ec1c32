"""Counts requests and bytes at the stack's three doors: the API, AWS and the vendors."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from local.metering.processes import ProcessMeter
from local.metering.tally import Tally
from local.server import App, Environ, StartResponse

RESULTS = "generation results"
"""The source of what functions fetch from vendors: the calls do not show which function."""
STREAM_UNIT_BYTES = 10 * 1024 * 1024
"""API Gateway bills a streamed answer as one request per 10 MB begun."""
FUNCTION = "showreel.function"
"""Where the gateway notes which function a request is for."""
PUT_CLASS = frozenset(
    "PutObject CopyObject CreateMultipartUpload UploadPart CompleteMultipartUpload "
    "ListObjectsV2 GetBucket".split()
)
FREE_CLASS = frozenset({"DeleteObject", "DeleteObjects", "AbortMultipartUpload"})


def _head_bytes(status: str, headers: list[tuple[str, str]]) -> int:
    return len(status) + 12 + sum(len(name) + len(value) + 4 for name, value in headers)


def passing(
    app: App, environ: Environ, start: StartResponse, done: Callable[[str, int, int], None]
) -> Iterator[bytes]:
    """Passes an answer on; at its end reports its status, head bytes and body bytes."""
    begun: list[Any] = ["", 0]

    def note(status: str, headers: list[tuple[str, str]], *rest: object) -> Any:
        begun[:] = [status, _head_bytes(status, headers)]
        return start(status, headers, *rest)

    total = 0
    body = app(environ, note)
    try:
        for piece in body:
            total += len(piece)
            yield piece
    finally:
        done(begun[0], begun[1], total)
        if hasattr(body, "close"):
            body.close()


class Traffic:
    """Wraps the applications behind the doors."""

    def __init__(self, tally: Tally, processes: ProcessMeter) -> None:
        self.tally = tally
        self.processes = processes
        self.function_of: Callable[[str], str | None] = lambda _: None
        """The function's folder by its process's key."""

    def api(self, gateway: App) -> App:
        """Returns the API: requests, and bytes to the internet."""

        def app(environ: Environ, start: StartResponse) -> Iterable[bytes]:
            def done(_: str, head_bytes: int, body_bytes: int) -> None:
                function = environ.get(FUNCTION)
                units = max(1, math.ceil(body_bytes / STREAM_UNIT_BYTES))
                self.tally.add("api requests", function, units)
                self.tally.add("internet bytes", function, head_bytes + body_bytes)

            return passing(gateway, environ, start, done)

        return app

    def aws(self, app: App, service: str, operation: str, source: str | None, key: str) -> App:
        """Returns one call to AWS: requests by service, S3's classes and bytes, the caller's
        waiting.
        """

        def counted(environ: Environ, start: StartResponse) -> Iterable[bytes]:
            began = time.monotonic()

            def done(status: str, _: int, body_bytes: int) -> None:
                self.processes.called(key, time.monotonic() - began)
                self.tally.add(f"{service} {operation}", source)
                if service == "s3":
                    self._count_object(operation, source, body_bytes, status)

            return passing(app, environ, start, done)

        return counted

    def _count_object(
        self, operation: str, source: str | None, body_bytes: int, status: str
    ) -> None:
        if operation in FREE_CLASS:
            return
        self.tally.add("s3 puts" if operation in PUT_CLASS else "s3 gets", source)
        if operation == "GetObject" and source is None and status.startswith("2"):
            self.tally.add("internet bytes", "bucket", body_bytes)

    def vendors(self, simulators: App) -> App:
        """Returns the vendors: calls by functions, the bytes that go out to them, and
        result files.

        Results are fetched by their plain URL, which doesn't show who asks.
        """

        def app(environ: Environ, start: StartResponse) -> Iterable[bytes]:
            path = str(environ["PATH_INFO"])
            key = path.split("/")[2] if path.startswith("/_p/") else None
            if key is None and "/results/" not in path:
                return simulators(environ, start)

            def done(_: str, __: int, body_bytes: int) -> None:
                if key is None:
                    self.tally.add("result bytes", RESULTS, body_bytes)
                    return
                function = self.function_of(key)
                self.processes.called_vendor(key)
                self.tally.add("vendor calls", function)
                self.tally.add("internet bytes", function, int(environ["CONTENT_LENGTH"] or 0))

            return passing(simulators, environ, start, done)

        return app
