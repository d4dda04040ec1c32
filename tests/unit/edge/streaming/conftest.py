"""A small Runtime API on loopback that keeps what it was sent, byte by byte."""

import contextlib
import json
import queue
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_socket import enable_socket, socket_allow_hosts


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    yield
    enable_socket()


@dataclass
class Post:
    """One answer: its path, headers, chunks as they came, and trailers."""

    path: str
    headers: dict[str, str]
    chunks: list[bytes] = field(default_factory=list)
    trailers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)


class FakeRuntime:
    """Hands out events; `hang_up_after` chunks it takes no more of an answer."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.events: queue.Queue[Any] = queue.Queue()
        self.posts: queue.Queue[Post] = queue.Queue()
        self.arrived: queue.Queue[bytes] = queue.Queue()
        self.hang_up_after: int | None = None
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)  # a thread that accepts would go on
        self.listener.close()

    def post(self) -> Post:
        return self.posts.get(timeout=60)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        file = connection.makefile("rb")
        with contextlib.suppress(OSError), connection, file:
            while line := file.readline():
                method, path, _ = line.decode().split()
                headers = _fields(file)
                if method == "GET":
                    self._next(connection)
                elif not self._take(file, Post(path, headers)):
                    return
                else:
                    connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

    def _next(self, connection: socket.socket) -> None:
        event = self.events.get()
        body = json.dumps(event).encode()
        head = (
            "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: request-1\r\n"
            "Lambda-Runtime-Deadline-Ms: 9999999999999\r\n"
            "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:1:function:f\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body)

    def _take(self, file: Any, post: Post) -> bool:
        if "content-length" in post.headers:
            post.chunks.append(file.read(int(post.headers["content-length"])))
        else:
            while size := int(file.readline(), 16):
                post.chunks.append(file.read(size))
                file.readline()
                self.arrived.put(post.chunks[-1])
                if len(post.chunks) == self.hang_up_after:
                    return False
            post.trailers = _fields(file)
        self.posts.put(post)
        return True


def _fields(file: Any) -> dict[str, str]:
    fields = {}
    while (line := file.readline().decode().strip()) != "":
        name, _, value = line.partition(": ")
        fields[name.lower()] = value
    return fields


@pytest.fixture
def runtime_api() -> Iterator[FakeRuntime]:
    fake = FakeRuntime()
    yield fake
    fake.close()
