"""A chat in OpenAI's form as it is asked for, checked as the vendors check it."""

import re
from dataclasses import dataclass
from typing import Any

from local.simulators.writing import ODD_ANSWERS, answer_to, pieces

REFUSED = "content_policy"
"""The fault by which an answer has no words."""

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_JSON_FORMATS = frozenset({"json_object", "json_schema"})
_TOKEN = re.compile(r"\w+|[^\w\s]")


class ChatRefused(Exception):
    """The request is not one the vendor takes; `field` is where, the text says why."""

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        super().__init__(reason)


@dataclass(frozen=True)
class ChatOrder:
    """What is asked. `prompt` is everything that was said, `question` the last of it."""

    model: str
    prompt: str
    question: str
    is_streamed: bool
    most_tokens: int | None
    wants_json: bool
    body: dict[str, Any]

    @property
    def prompt_tokens(self) -> int:
        """How much was said: words and signs."""
        return len(_TOKEN.findall(self.prompt)) + 4 * len(self.body["messages"])


@dataclass(frozen=True)
class Reply:
    """What the model says, in pieces of a token each, after its thoughts."""

    thoughts: list[str]
    pieces: list[str]
    finish: str
    prompt_tokens: int

    @property
    def tokens(self) -> int:
        """What it costs; thoughts are not free."""
        return len(self.thoughts) + len(self.pieces)

    def usage(self) -> dict[str, Any]:
        """Returns the bill in OpenAI's form."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.tokens,
            "total_tokens": self.prompt_tokens + self.tokens,
        }


def read_chat(body: object, limit_fields: tuple[str, ...]) -> ChatOrder:
    """Returns the order in a body. Raises ChatRefused."""
    if not isinstance(body, dict):
        raise ChatRefused("", "request body is not a JSON object")
    texts = [_text(place, message) for place, message in enumerate(_messages(body))]
    prompt = "\n".join(texts)
    kind = _format(body)
    if kind == "json_object" and "json" not in prompt.lower():
        text = "'messages' must contain the word 'json' in some form, to use 'response_format'"
        raise ChatRefused("messages", f"{text} of type 'json_object'.")
    return ChatOrder(
        model=str(body.get("model", "")),
        prompt=prompt,
        question=texts[-1],
        is_streamed=_flag(body, "stream"),
        most_tokens=_limit(body, limit_fields),
        wants_json=kind in _JSON_FORMATS,
        body=body,
    )


def said_in(body: object) -> str:
    """Returns everything that was said in a body that may be no good."""
    try:
        return "\n".join(_text(0, message) for message in _messages(dict(_object(body))))
    except ChatRefused:
        return ""


def reply_to(order: ChatOrder, thought_words: int, fault: str) -> Reply:
    """Returns the answer, cut where the order's limit is; a refused one has no words."""
    thoughts = pieces("We should answer what was asked. " * thought_words)[:thought_words]
    is_refused = fault == REFUSED
    said = [] if is_refused else pieces(_answer(order, fault if fault in ODD_ANSWERS else ""))
    all_of_it = len(thoughts) + len(said)
    has_limit = order.most_tokens is not None and fault != "endless"
    room = order.most_tokens or 0 if has_limit else all_of_it
    kept_thoughts = thoughts[:room]
    kept = said[: max(room - len(kept_thoughts), 0)]
    is_cut = len(kept_thoughts) + len(kept) < all_of_it or fault == "truncated"
    finish = "content_filter" if is_refused else "length" if is_cut else "stop"
    return Reply(kept_thoughts, kept, finish, order.prompt_tokens)


def _answer(order: ChatOrder, odd: str) -> str:
    return answer_to(order.prompt, order.question, as_json=order.wants_json, odd=odd)


def _object(body: object) -> dict[str, Any]:
    return body if isinstance(body, dict) else {}


def _messages(body: dict[str, Any]) -> list[Any]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ChatRefused("messages", "'messages' : minimum number of items is 1")
    return messages


def _text(place: int, message: object) -> str:
    """Returns what one message says, of its text or of the text parts in its list."""
    field = f"messages.{place}"
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        raise ChatRefused(field, f"'{field}' : discriminator property 'role' has invalid value")
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise ChatRefused(field, f"'{field}.content' : value must be a string")
    return "\n".join(map(str, texts))


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name)
    if value not in (None, True, False):
        raise ChatRefused(name, f"'{name}' : value must be a boolean")
    return bool(value)


def _format(body: dict[str, Any]) -> str:
    given = body.get("response_format")
    if given is None:
        return "text"
    kind = given.get("type") if isinstance(given, dict) else None
    if kind not in _JSON_FORMATS | {"text"}:
        raise ChatRefused("response_format", "'response_format.type' : invalid value")
    return str(kind)


def _limit(body: dict[str, Any], names: tuple[str, ...]) -> int | None:
    found = [(name, body[name]) for name in names if body.get(name) is not None]
    for name, value in found:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ChatRefused(name, f"'{name}' : must be at least 1")
    return found[0][1] if found else None
