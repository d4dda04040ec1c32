"""The port of vendors that answer with a stream of text.

Rules that callers rely on:

* Nothing is sent before the first `next`, which also raises errors before the first piece, as
  classes of `core.errors`; a create is never repeated.
* Closing the iterator closes the call to the vendor, which stops further billing.
* The last piece is a `TextEnd`, even if the vendor sent no usage.
"""

import json
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
    """A request of a text. `json_only` asks for one JSON object as the answer."""

    upstream: str
    messages: tuple[Message, ...]
    max_output_tokens: int
    temperature: float | None = None
    json_only: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of the catalogue that are sent as they are, such as a reasoning effort."""


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class TextUsage:
    """Tokens as the vendor counts them. Reasoning counts as output."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class TextEnd:
    """The end of the answer. `usage` is None if the vendor sent none."""

    finish_reason: FinishReason
    usage: TextUsage | None = None


class TextProvider(Protocol):
    """The port of vendors of text."""

    name: str
    base_url: str

    def check_health(self, upstream: str) -> None:
        """Does as `Provider.check_health`."""
        ...

    def stream(self, request: TextRequest) -> Iterator[TextDelta | TextEnd]:
        """Yields the answer as it comes. Raises ProviderError."""
        ...


def is_json_object(text: str) -> bool:
    """Returns whether an answer is one JSON object, as `json_only` asks for."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
