"""A vendor on loopback that answers as the test says."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_socket import enable_socket, socket_allow_hosts

Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    yield
    enable_socket()


@dataclass
class Vendor:
    """`answer` is called for each request; requests are kept as (method, path, headers, body)."""

    base_url: str
    answer: Answer
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            known.requests.append((self.command, self.path, headers, self.rfile.read(length)))
            known.answer(self)

        do_POST = do_PUT = do_GET  # noqa: N815  # the name that http.server calls

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    known = Vendor(f"http://127.0.0.1:{server.server_address[1]}/_p/key", lambda _: None)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()
