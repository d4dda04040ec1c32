"""One request at a time to a stack, as any client sends it, and waiting for what it leads to."""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 0.5
PATIENCE_SECONDS = 120
"""After it a thing that should happen won't, however loaded the machine is."""


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Reply:
    """One request on a connection of its own."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=120)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, dict(headers or {}))
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def call(
    method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """Status and JSON (or bytes) of one request; what isn't bytes is sent as JSON."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    reply = send(method, url, data, headers)
    is_json = "json" in reply.headers.get("content-type", "")
    return reply.status, reply.json if is_json and reply.body else reply.body


def eventually[T](
    condition: Callable[[], T | None],
    seconds: float = PATIENCE_SECONDS,
    longest_pause: float = LONGEST_PAUSE_SECONDS,
) -> T:
    """What `condition` gives once it gives something; asked less and less often.

    A question to a stack is 30 ms of a core: who waits for a minute asks every other second.
    """
    deadline, pause = time.monotonic() + seconds, FIRST_PAUSE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(pause)
        pause = min(pause * 1.5, longest_pause)
    return found
