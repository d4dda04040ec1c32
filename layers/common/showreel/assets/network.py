"""Connections that go only to checked addresses, and end in time.

The name is resolved, every address checked and the connection made in one place, so there is no
second look-up with another answer (DNS rebinding). TLS still uses and verifies the URL's host.
"""

import functools
import ssl
import time
from collections.abc import Collection, Iterable
from typing import Any

import httpcore
import httpx

from showreel.assets.addresses import public_addresses, resolve

CONNECT_SECONDS = 5.0


class Deadline:
    """The moment at which all reads, writes and connections must have ended."""

    def __init__(self, total_seconds: float) -> None:
        self.ends = time.monotonic() + total_seconds

    def left_seconds(self, timeout_seconds: float | None = None) -> float:
        """Returns the seconds left, at most `timeout_seconds`. Raises ReadTimeout at the end."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the transfer took too long")
        return left if timeout_seconds is None else min(left, timeout_seconds)


class TimedStream(httpcore.NetworkStream):
    """A network stream with a deadline, which also ends senders of one byte a second."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Reads the bytes that are there, at most `max_bytes`."""
        return self._stream.read(max_bytes, self._deadline.left_seconds(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Writes the whole buffer."""
        self._stream.write(buffer, self._deadline.left_seconds(timeout))

    def close(self) -> None:
        """Closes the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Returns the encrypted stream, with the same deadline."""
        left_seconds = self._deadline.left_seconds(timeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, left_seconds)
        return TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Returns the socket's information that httpcore asks for."""
        return self._stream.get_extra_info(info)


class PinnedBackend(httpcore.NetworkBackend):
    """Resolves, checks and connects. `exempt` are (host, port) pairs that an operator allows."""

    def __init__(self, exempt: Collection[tuple[str, int]], deadline: Deadline) -> None:
        self._exempt = exempt
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first checked address that answers. Raises httpcore's errors."""
        look_up = resolve if (host, port) in self._exempt else public_addresses
        failure: Exception = httpcore.ConnectError("no address")
        for address in look_up(host, port, self._deadline.left_seconds(timeout)):
            left_seconds = self._deadline.left_seconds(timeout)
            try:
                stream = self._sockets.connect_tcp(
                    address, port, left_seconds, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return TimedStream(stream, self._deadline)
        raise failure


class PinnedTransport(httpx.HTTPTransport):
    """httpx's transport over a PinnedBackend: no proxy, HTTP/1.1, one connection."""

    def __init__(self, exempt: Collection[tuple[str, int]], deadline: Deadline) -> None:
        super().__init__(verify=tls_context(), trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls_context(),
            max_connections=1,
            network_backend=PinnedBackend(exempt, deadline),
        )


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Returns a context of the public authorities, once per process: reading them takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)
