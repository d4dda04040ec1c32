"""The port of vendors that answer at once with text, piece by piece.

Rules that callers rely on:

* Nothing is sent before the first piece is asked for. An error before the first piece is raised by
  the first `next`, as one of the classes of `core.errors`; a create is never repeated.
* Closing the iterator closes the call to the vendor, which stops what it would go on to bill.
* The last piece is a `TextEnd`, also when the vendor told no usage.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

MessageRole = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "content_filter"]


@dataclass(frozen=True)
class Message:
    """One turn of the conversation."""

    role: MessageRole
    content: str


@dataclass(frozen=True)
class TextRequest:
    """What is asked. `json_only` asks for one JSON object as the answer."""

    upstream: str
    messages: tuple[Message, ...]
    max_output_tokens: int
    temperature: float | None = None
    json_only: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Sent as they are: the catalogue's, such as a reasoning effort."""


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class TextUsage:
    """Tokens as the vendor counts them. Thinking counts as output."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class TextEnd:
    """The end of the answer. `usage` is None where the vendor told none."""

    finish_reason: FinishReason
    usage: TextUsage | None = None


class TextProvider(Protocol):
    """A vendor of text."""

    name: str
    base_url: str

    def check_health(self, upstream: str) -> None:
        """As vendors of jobs do."""
        ...

    def stream(self, request: TextRequest) -> Iterator[TextDelta | TextEnd]:
        """Yields the answer as it comes."""
        ...
