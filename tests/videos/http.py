"""One request at a time to the stack, as any client sends it."""

import http.client
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit


def call(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    """Status and JSON (or bytes) of one request."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=120)
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, data, headers or {})
        response = connection.getresponse()
        content = response.read()
        is_json = "json" in response.headers.get("content-type", "")
        return response.status, json.loads(content) if is_json and content else content
    finally:
        connection.close()


def eventually[T](condition: Callable[[], T | None], seconds: float = 60) -> T:
    """What `condition` gives once it gives something."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.5)
    return found
