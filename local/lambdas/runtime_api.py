"""The Lambda Runtime API, one port per process: next, response, error, init error.

Responses may be streamed: `Lambda-Runtime-Function-Response-Mode: streaming`, a chunked body, and
`Lambda-Runtime-Function-Error-Type` among the trailers when the function failed on the way. They
are taken to their end, whether or not anybody still reads them: see
`local.lambdas.invocation.Stream`.
"""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from local.lambdas.invocation import Invocation, Outcome, Stream, error_payload
from local.server import read_chunk, read_trailers

PREFIX = "/2018-06-01/runtime/"
ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
RESPONSE_LIMIT_BYTES = 6_291_556


class Runtime(Protocol):
    """What the API needs of the process behind it."""

    def take(self) -> Invocation | None:
        """Blocks until there is an invocation; None when the process is to end."""

    def current(self, request_id: str) -> Invocation | None:
        """The invocation the process works on, if its id is this one."""

    def finished(self, invocation: Invocation) -> None:
        """The process has answered, or is about to, and will ask for the next one."""

    def init_failed(self, payload: bytes) -> None:
        """The process could not import its handler."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    server: "RuntimeServer"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's signature
        """Nothing: a failed call shows in the function's log."""

    def handle(self) -> None:
        self.server.connections.add(self.connection)
        with contextlib.suppress(OSError, ValueError):
            super().handle()
        self.server.connections.discard(self.connection)

    def do_GET(self) -> None:
        """`invocation/next`."""
        if self.path != f"{PREFIX}invocation/next":
            self._reply(404, b"{}")
            return
        invocation = self.server.runtime.take()
        if invocation is None:
            self.close_connection = True
            return
        self._hand_over(invocation)

    def _hand_over(self, invocation: Invocation) -> None:
        trace = f"Root=1-{invocation.request_id[:8]}-{invocation.request_id.replace('-', '')[8:32]}"
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.begin()),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            "Lambda-Runtime-Trace-Id": f"{trace};Sampled=0",
        }
        self._reply(200, invocation.payload, headers)

    def do_POST(self) -> None:
        """`invocation/{id}/response`, `invocation/{id}/error`, `init/error`."""
        parts = self.path.removeprefix(PREFIX).split("/")
        if parts == ["init", "error"]:
            self.server.runtime.init_failed(self._body())
            self._reply(202, b'{"status":"OK"}')
            return
        invocation = self.server.runtime.current(parts[1]) if len(parts) == 3 else None
        if invocation is None:
            self._body()
            self._reply(400, b'{"errorType":"InvalidRequestID"}')
        else:
            self._answered(invocation, parts[2])

    def _answered(self, invocation: Invocation, kind: str) -> None:
        if self.headers.get("Lambda-Runtime-Function-Response-Mode", "").lower() == "streaming":
            self._stream(invocation)
            self.server.runtime.finished(invocation)
        else:
            outcome = self._outcome(invocation, kind)
            self.server.runtime.finished(invocation)
            invocation.finish(outcome)
        self._reply(202, b'{"status":"OK"}')

    def _outcome(self, invocation: Invocation, kind: str) -> Outcome:
        payload = self._body()
        if kind == "error":
            return invocation.failure(payload)
        if len(payload) > RESPONSE_LIMIT_BYTES:
            message = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
            return invocation.failure(error_payload("Function.ResponseSizeTooLarge", message))
        media_type = self.headers.get("Content-Type") or "application/json"
        return Outcome(payload, None, media_type, None, invocation.request_id)

    def _stream(self, invocation: Invocation) -> None:
        """Passes the body on chunk by chunk."""
        stream = Stream()
        kind = self.headers.get("Content-Type") or "application/octet-stream"
        invocation.finish(Outcome(b"", None, kind, stream, invocation.request_id))
        try:
            while chunk := read_chunk(self.rfile):
                stream.put(chunk)
            stream.end(read_trailers(self.rfile).get(ERROR_TYPE.lower()))
        except (OSError, ValueError):
            stream.end("Runtime.TruncatedResponse")
            raise

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            parts = []
            while chunk := read_chunk(self.rfile):
                parts.append(chunk)
            read_trailers(self.rfile)
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in (headers or {"Content-Type": "application/json"}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class RuntimeServer(ThreadingHTTPServer):
    """The Runtime API of one process."""

    daemon_threads = True

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.5,), daemon=True).start()

    def server_bind(self) -> None:
        """Binds without the base's reverse name lookup."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def stop(self) -> None:
        """Closes the port and every connection; waits for nothing."""
        threading.Thread(target=self._stop, daemon=True).start()

    def _stop(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
