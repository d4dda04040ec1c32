"""Server-Sent Events: frames and the number that a client resumes from.

Frames follow the WHATWG event-stream format; `retry` is sent with the first real event, because
some clients take a lone `retry` block for an empty message.
"""

import json
from typing import Any

from showreel.core.errors import InvalidInput

RETRY_MS = 2000
HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}


def frame(event: str, data: Any, *, event_id: int | None = None, first: bool = False) -> bytes:
    """Returns an event: name, one line of JSON, number, and with the first the reconnect time."""
    lines = [f"event: {event}", f"data: {json.dumps(data, ensure_ascii=False, allow_nan=False)}"]
    lines += [f"id: {event_id}"] if event_id is not None else []
    lines += [f"retry: {RETRY_MS}"] if first else []
    return ("\n".join(lines) + "\n\n").encode()


def data_frame(data: Any) -> bytes:
    """Returns an event without name and number."""
    return f"data: {json.dumps(data, ensure_ascii=False, allow_nan=False)}\n\n".encode()


def last_event_id(value: str | None) -> int:
    """Parses `Last-Event-ID`, 0 if absent. Raises InvalidInput `bad_event_id`."""
    if not value:
        return 0
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise InvalidInput(
            "Last-Event-ID is not one of ours", code="bad_event_id", field="Last-Event-ID"
        )
    return int(value)
