"""Streams that a vendor on loopback sends, good and bad."""

import json
import socket
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

from showreel.providers.text import Message, TextDelta, TextEnd, TextRequest

Answer = Callable[[BaseHTTPRequestHandler], None]
REQUEST = TextRequest(
    upstream="model-1",
    messages=(Message("system", "Be short."), Message("user", "A lamp")),
    max_output_tokens=100,
)


def event(value: object, end: str = "\n\n") -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"data: {text}{end}".encode()


def streams(pieces: Iterable[bytes], *, is_cut: bool = False) -> Answer:
    """Chunk after chunk; a cut stream has no last one."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        try:
            for piece in pieces:
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                handler.wfile.flush()
            if not is_cut:
                handler.wfile.write(b"0\r\n\r\n")
        except OSError:
            handler.close_connection = True
        finally:
            getattr(pieces, "close", bool)()
        if is_cut:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)

    return answer


def says(status: int, body: Any, **headers: str) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def collected(pieces: Iterator[TextDelta | TextEnd]) -> tuple[list[str], TextEnd]:
    *deltas, end = list(pieces)
    assert isinstance(end, TextEnd)
    return [delta.text for delta in deltas if isinstance(delta, TextDelta)], end
