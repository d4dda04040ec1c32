"""Connections that go only where they were checked to go, and end in time.

The name is resolved, every address checked, and the connection made to a checked address, in one
place: there is no second look-up that could answer otherwise. TLS still names, and verifies, the
host of the URL.
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
    """A moment that no read, write or connection outlives."""

    def __init__(self, total_seconds: float) -> None:
        self.ends = time.monotonic() + total_seconds

    def left_seconds(self, timeout_seconds: float | None = None) -> float:
        """Returns what is left, at most `timeout_seconds`. Raises ReadTimeout at the end."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the transfer took too long")
        return left if timeout_seconds is None else min(left, timeout_seconds)


class TimedStream(httpcore.NetworkStream):
    """A network stream under a deadline: a sender of one byte a second gains nothing."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Reads what there is."""
        return self._stream.read(max_bytes, self._deadline.left_seconds(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Writes all of it."""
        self._stream.write(buffer, self._deadline.left_seconds(timeout))

    def close(self) -> None:
        """Ends the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Returns the same stream, encrypted; still under the deadline."""
        left_seconds = self._deadline.left_seconds(timeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, left_seconds)
        return TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Returns what httpcore asks of the socket."""
        return self._stream.get_extra_info(info)


class PinnedBackend(httpcore.NetworkBackend):
    """Resolves, checks and connects. `exempt` are (host, port) pairs an operator vouches for."""

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
        """Connects to the first checked address that answers."""
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
    """httpx over a PinnedBackend: no proxy, HTTP/1.1, one connection."""

    def __init__(self, exempt: Collection[tuple[str, int]], deadline: Deadline) -> None:
        super().__init__(verify=tls_context(), trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls_context(),
            max_connections=1,
            network_backend=PinnedBackend(exempt, deadline),
        )


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Verifies against the public authorities; reading them takes 20 ms, so once a process."""
    return httpx.create_ssl_context(trust_env=False)
