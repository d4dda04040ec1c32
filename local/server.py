"""A small threaded HTTP/1.1 server for WSGI applications, with what the stack needs beside WSGI.

`environ["showreel.headers"]` holds the request's headers as they came (order, case, repeats),
`environ["showreel.connection"]` the socket, `environ["showreel.body_too_large"]` is set when the
body was over the limit (it is then read and thrown away). An application raises `DropConnection`
to close the connection without an answer.
"""

import contextlib
import http.client
import io
import select
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]

DRAIN_LIMIT_BYTES = 512 * 1024 * 1024
READ_BYTES = 256 * 1024


class DropConnection(Exception):  # an order, not an error
    """Close the connection without an answer."""


def client_gone(connection: socket.socket) -> bool:
    """True when the other side has closed its end."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True


def read_chunk(reader: io.BufferedIOBase) -> bytes:
    """Returns the next chunk of a chunked body; empty at its end. Raises ConnectionError if cut
    off.
    """
    line = reader.readline(1024)
    if not line.endswith(b"\n"):
        raise ConnectionError("a chunked body was cut off")
    size = int(line.split(b";")[0], 16)
    if size == 0:
        return b""
    data = reader.read(size)
    if len(data) < size or not reader.readline(8).endswith(b"\n"):
        raise ConnectionError("a chunked body was cut off")
    return data


def read_trailers(reader: io.BufferedIOBase) -> dict[str, str]:
    """Returns the headers after a chunked body, names in lower case."""
    trailers: dict[str, str] = {}
    while (line := reader.readline(65536).strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        trailers[name.strip().lower()] = value.strip()
    return trailers


def plain_headers(lines: Sequence[bytes], kind: type[HTTPMessage] = HTTPMessage) -> HTTPMessage:
    """Returns a message's headers: in place of `email`'s parser, which takes longer than all else
    that a short request costs here. That one still reads what isn't a name, a colon and a value.
    """
    message = kind()
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon and name and not name[0].isspace() and name.rstrip() == name:
            message.set_raw(name, value.strip())
        elif line not in (b"\r\n", b"\n", b""):
            read: HTTPMessage = _read_by_email(lines, kind)
            return read
    return message


_read_by_email: Any = vars(http.client)["_parse_header_lines"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 128 * 1024
    timeout = 120
    server: "Server"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base's signature
        """Does nothing: the functions' own logs say more."""

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def handle(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().handle()

    def handle_expect_100(self) -> bool:
        """Flushes: botocore waits a whole second for this before it sends an object."""
        answered = super().handle_expect_100()
        self.wfile.flush()
        return answered

    def _body(self) -> tuple[bytes, bool]:
        limit = self.server.body_limit_bytes
        parts: list[bytes] = []
        total = 0
        for piece in self._pieces():
            total += len(piece)
            if total > DRAIN_LIMIT_BYTES:
                raise ConnectionError("a body without end")
            if limit is None or total <= limit:
                parts.append(piece)
        return b"".join(parts), limit is not None and total > limit

    def _pieces(self) -> Iterator[bytes]:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            while chunk := read_chunk(self.rfile):
                yield chunk
            read_trailers(self.rfile)
            return
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0:
            piece = self.rfile.read(min(left, READ_BYTES))
            if not piece:
                raise ConnectionError("the body was cut off")
            left -= len(piece)
            yield piece

    def _environ(self, body: bytes, too_large: bool) -> Environ:
        path, _, query = self.path.partition("?")
        if "://" in path:
            path = "/" + path.split("://", 1)[1].partition("/")[2]
        environ: Environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "REQUEST_URI": self.path,
            "RAW_URI": self.path,
            "REMOTE_ADDR": self.client_address[0],
            "REMOTE_PORT": str(self.client_address[1]),
            "SERVER_NAME": self.server.host,
            "SERVER_PORT": str(self.server.port),
            "SERVER_PROTOCOL": self.request_version,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": self.server.errors,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
            "showreel.headers": list(self.headers.items()),
            "showreel.connection": self.connection,
            "werkzeug.socket": self.connection,
            "showreel.body_too_large": too_large,
        }
        return environ | self._header_variables()

    def _header_variables(self) -> dict[str, str]:
        variables: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key in {"CONTENT_LENGTH", "TRANSFER_ENCODING"} or "_" in name:
                continue
            key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
            variables[key] = f"{variables[key]},{value}" if key in variables else value
        return variables

    def _answer(self) -> None:
        try:
            environ = self._environ(*self._body())
            _Reply(self).send(self.server.app, environ)
        except (DropConnection, ConnectionError):
            self.close_connection = True
            self._reset()

    def _reset(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class _Reply:
    """One answer on its way: status and headers first, then the body, chunked if unmeasured."""

    def __init__(self, handler: _Handler) -> None:
        self.handler = handler
        self.started = False
        self.chunked = False
        self.status = "500 Internal Server Error"
        self.headers: list[tuple[str, str]] = []

    def send(self, app: App, environ: Environ) -> None:
        body = app(environ, self.start)
        try:
            for piece in body:
                self.write(piece)
            self.end()
        finally:
            if hasattr(body, "close"):
                body.close()

    def start(
        self, status: str, headers: list[tuple[str, str]], _: object = None
    ) -> Callable[[bytes], None]:
        self.status, self.headers = status, headers
        return self.write

    def _bodiless(self) -> bool:
        code = int(self.status.split()[0])
        return self.handler.command == "HEAD" or code in {204, 304} or code < 200

    def _begin(self) -> None:
        code, _, reason = self.status.partition(" ")
        self.handler.send_response_only(int(code), reason)
        names = {name.lower() for name, _ in self.headers}
        for name, value in self.headers:
            self.handler.send_header(name, value)
        if "date" not in names:
            self.handler.send_header("Date", self.handler.date_time_string())
        if "content-length" not in names and not self._bodiless():
            self.chunked = True
            self.handler.send_header("Transfer-Encoding", "chunked")
        self.handler.end_headers()
        self.started = True

    def write(self, piece: bytes) -> None:
        if not self.started:
            self._begin()
            self.handler.wfile.flush() if self.chunked else None
        if not piece or self._bodiless():
            return
        frame = b"%x\r\n%s\r\n" % (len(piece), piece) if self.chunked else piece
        self.handler.wfile.write(frame)
        if self.chunked:
            self.handler.wfile.flush()

    def end(self) -> None:
        if not self.started:
            self._begin()
        if self.chunked:
            self.handler.wfile.write(b"0\r\n\r\n")
        self.handler.wfile.flush()


class Server(ThreadingHTTPServer):
    """Listens as soon as it is made; answers once `start` was called with an application."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, host: str, port: int, *, body_limit_bytes: int | None = None) -> None:
        self.connections: set[socket.socket] = set()
        self.body_limit_bytes = body_limit_bytes
        self.errors = io.StringIO()
        self.app: App = _not_ready
        self._serving = False
        vars(http.client)["_parse_header_lines"] = plain_headers
        super().__init__((host, port), _Handler)
        self.host, self.port = host, int(self.server_address[1])
        self.url = f"http://{self.host}:{self.port}"

    def server_bind(self) -> None:
        """Binds without the base's reverse name lookup, which can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def start(self, app: App) -> None:
        """Answers with `app` from now on."""
        self.app = app
        self._serving = True
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self) -> None:
        """Stops listening and closes every connection."""
        if self._serving:
            self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _not_ready(_: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []
