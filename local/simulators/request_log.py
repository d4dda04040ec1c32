"""What the vendors were asked: the evidence that tests count."""

import threading
from collections import deque
from dataclasses import asdict, dataclass

from local import clock

_LONGEST_TEXT = 400
_MOST_ENTRIES = 20_000


@dataclass
class LoggedRequest:
    """One request as it arrived; `status` is the answer's, None while open or if dropped.

    `prompt` is that of the task it submits or is about.
    """

    provider: str
    operation: str
    method: str
    path: str
    headers: dict[str, str]
    body: object
    caller: str | None
    time_ms: int
    prompt: str = ""
    task_id: str | None = None
    status: int | None = None


class RequestLog:
    """The last 20,000 requests, in order of arrival; safe for threads."""

    def __init__(self) -> None:
        self._entries: deque[LoggedRequest] = deque(maxlen=_MOST_ENTRIES)
        self._lock = threading.Lock()

    def add(self, entry: LoggedRequest) -> None:
        """Keep a request; its open fields may be filled in later."""
        with self._lock:
            self._entries.append(entry)

    def listing(
        self, provider: str | None = None, operation: str | None = None, prompt_contains: str = ""
    ) -> list[dict[str, object]]:
        """Returns the requests to one vendor or to all, of one operation, about prompts with the
        words.
        """
        with self._lock:
            entries = list(self._entries)
        return [
            asdict(entry)
            for entry in entries
            if provider in (None, entry.provider)
            and operation in (None, entry.operation)
            and prompt_contains in entry.prompt
        ]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return clock.time_ms()


def shortened(value: object) -> object:
    """Returns a JSON value with its long texts (pictures in base64) cut."""
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[:_LONGEST_TEXT]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shortened(item) for item in value]
    return value
