"""Parses the conversation in a caller's request into an order of a text."""

from collections.abc import Mapping
from typing import Any

from showreel.catalog import Model, bind
from showreel.catalog.forms import check_inputs
from showreel.core.errors import InvalidInput
from showreel.core.text import plain_text
from showreel.generation.text.order import MAX_OUTPUT_TOKENS, TextOrder
from showreel.providers.text import Message, MessageRole

MAX_MESSAGES = 200
JSON_FORMATS = frozenset({"json", "json_object"})
ROLES: Mapping[str, MessageRole] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}


def order_of(model: Model, inputs: Mapping[str, Any], *, strict: bool = False) -> TextOrder:
    """Parses a caller's inputs: `prompt` or OpenAI's `messages`, and the model's own fields.

    Raises InvalidInput with each field's fault, and `model_retired` if the model is gone and
    `strict` forbids its successor.
    """
    _check_retired(model, strict=strict)
    said = _conversation(inputs)
    asked = "\n".join(m.content for m in said if m.role != "system")
    checked = check_inputs(model, {**inputs, "prompt": asked})
    own = checked.inputs
    rules = own.get("systemPrompt")
    system = (Message("system", _visible("systemPrompt", rules)),) if rules else ()
    return TextOrder(
        model=model,
        messages=(*system, *said),
        max_output_tokens=checked.max_output_tokens or MAX_OUTPUT_TOKENS,
        temperature=own.get("temperature"),
        json_only=own.get("responseFormat") in JSON_FORMATS,
        strict=strict,
    )


def _check_retired(model: Model, *, strict: bool) -> None:
    makes = bind(model).makes
    if strict and makes not in {None, model.id}:
        message = f"{model.id} is answered by {makes}, which strict forbids"
        raise InvalidInput(message, code="model_retired", field="model")


def _conversation(inputs: Mapping[str, Any]) -> tuple[Message, ...]:
    """Returns the messages. Raises InvalidInput unless there is a prompt or a list of them."""
    prompt, messages = inputs.get("prompt"), inputs.get("messages")
    if messages is None:
        return (Message("user", _visible("prompt", prompt)),)
    if prompt is not None:
        raise _fault("messages", "either prompt or messages, not both")
    if not isinstance(messages, list) or not 1 <= len(messages) <= MAX_MESSAGES:
        raise _fault("messages", f"must be a list of 1-{MAX_MESSAGES} messages")
    said = tuple(_message(index, one) for index, one in enumerate(messages))
    if said[-1].role != "user":
        raise _fault("messages", "the last message must be the user's")
    return said


def _message(index: int, given: Any) -> Message:
    field = f"messages.{index}"
    role = given.get("role") if isinstance(given, dict) else None
    if not isinstance(role, str) or role not in ROLES:
        raise _fault(field, f"must have a role: {', '.join(ROLES)}")
    return Message(ROLES[role], _visible(f"{field}.content", _content(given)))


def _content(given: Mapping[str, Any]) -> Any:
    """Returns a message's text; joins a list of texts in OpenAI's form, None if it has others."""
    content = given.get("content")
    if not isinstance(content, list):
        return content
    parts = [part.get("text") if isinstance(part, dict) else None for part in content]
    texts = [part for part in parts if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(parts) else None


def _visible(field: str, text: Any) -> str:
    """Returns the text. Raises InvalidInput if it is none, blank, or has hidden characters besides
    tabs.
    """
    if not isinstance(text, str):
        raise _fault(field, "must be a text")
    try:
        plain_text(text.replace("\t", " "))
    except ValueError as error:
        raise _fault(field, str(error)) from error
    return text


def _fault(field: str, message: str) -> InvalidInput:
    details = {"details": [{"field": field, "message": message}]}
    return InvalidInput(f"{field}: {message}", details=details)
