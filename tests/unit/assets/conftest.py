"""A bucket and a table in this process, a picture maker, and a TLS server on loopback."""

import datetime as dt
import io
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image
from pytest_socket import enable_socket, socket_allow_hosts

from showreel.assets import network, service
from tests.support.cloud import client, empty_cloud

PUBLIC_ADDRESS = "93.184.216.34"
HOST = "media.example.com"
Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    yield
    enable_socket()


def clear_caches() -> None:
    service.storage.cache_clear()
    service.asset_rows.cache_clear()


@pytest.fixture
def cloud() -> Iterator[Any]:
    clear_caches()
    with empty_cloud():
        yield client("s3")
    clear_caches()


def picture(
    width: int = 64, height: int = 48, kind: str = "JPEG", mode: str = "RGB", **options: Any
) -> bytes:
    """Left half red, right half blue."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (width // 2, 0, width, height))
    target = io.BytesIO()
    image.convert(mode).save(target, kind, **options)
    return target.getvalue()


@dataclass
class Site:
    """A host as the world sees it: its names' addresses, its pages, and who connected where."""

    addresses: dict[str, list[str]] = field(default_factory=dict)
    pages: dict[str, Answer] = field(default_factory=dict)
    connections: list[tuple[str, int]] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def serve(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> None:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            if "content_length" not in headers:
                request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        self.pages[path] = answer

    def resolve(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        literal = [host] if host[-1].isdigit() or ":" in host else None
        addresses = literal or self.addresses.get(host)
        if addresses is None:
            raise socket.gaierror("no such name")
        kind = (socket.AF_INET, socket.SOCK_STREAM, 0, "")
        return [(*kind, (address, port)) for address in addresses]


def certificate(host: str, folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


def _server(site: Site) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            answer = site.pages.get(self.path)
            if answer is None:
                self.send_error(404)
            else:
                answer(self)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    return Server(("127.0.0.1", 0), Handler)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    """`https://media.example.com` at a public address; its packets end on loopback."""
    made = Site(addresses={HOST: [PUBLIC_ADDRESS]})
    pem = certificate(HOST, tmp_path)
    server = _server(made)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    connect = httpcore.SyncBackend.connect_tcp

    def to_loopback(self: Any, host: str, port: int, *rest: Any) -> Any:
        made.connections.append((host, port))
        return connect(self, "127.0.0.1", made.port, *rest)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", to_loopback)
    monkeypatch.setattr(network, "tls_context", lambda: ssl.create_default_context(cafile=pem))
    monkeypatch.setattr(socket, "getaddrinfo", made.resolve)
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
