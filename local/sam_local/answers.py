"""What a function answered, and whether that is a failure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

FIRST_FAILING_STATUS = 400


@dataclass(frozen=True)
class Answer:
    """A function's answer and how long it took, its container's start included."""

    value: Any
    seconds: float

    @property
    def error(self) -> str | None:
        """Why it is a failure, if it is one: an error of the function, a 4xx or 5xx, or a stream
        with an error in it.
        """
        if not isinstance(self.value, dict):
            return None
        if "errorType" in self.value:
            return f"{self.value['errorType']}: {self.value.get('errorMessage')}"
        status, body = self.value.get("statusCode"), self.value.get("body")
        if isinstance(status, int) and status >= FIRST_FAILING_STATUS:
            return f"it answered {status}: {body}"
        event = next((data for data in _streamed(body) if _is_error(data)), None)
        return f"its stream says: {json.dumps(event)}" if event else None

    def short(self, characters: int = 100) -> str:
        """Returns its status and the beginning of its body, or its JSON, for a line on
        the screen.
        """
        text = json.dumps(self.value)
        if isinstance(self.value, dict) and "statusCode" in self.value:
            text = f"{self.value['statusCode']} {' '.join(str(self.value.get('body')).split())}"
        return text if len(text) <= characters else f"{text[: characters - 3]}..."


def _streamed(body: Any) -> Iterator[Any]:
    """Yields the JSON of each `data:` line of Server-Sent Events."""
    for line in str(body).splitlines():
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


def _is_error(data: Any) -> bool:
    return data.get("type") == "error" or bool(data.get("error"))
