"""Groq: chat in OpenAI's form, with what it adds (`x_groq`, limits in headers).

Errors, headers and texts are those of the vendor's pages and of its customers' reports.
"""

import json
import re
from typing import Any

from werkzeug.wrappers import Response

from local.simulators.lifecycle import Voice
from local.simulators.tasks import Status, Task
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.chat import ChatError, ChatForm, bearer
from local.simulators.vendors.chat_orders import ChatOrder, Reply
from local.simulators.wire import json_response

WORDS = {
    Status.QUEUED: "queued",
    Status.RUNNING: "in_progress",
    Status.SUCCEEDED: "completed",
    Status.FAILED: "failed",
    Status.CANCELED: "closed",
    Status.ABORTED: "failed",
}
"""The vendor has no tasks; these are what a call's life is shown as here."""
_CHAT = "openai/v1/chat/completions"
_MODEL = re.compile(r"openai/v1/models(?:/(.+))?")
_MODELS = {
    "openai/gpt-oss-120b": 131_072,
    "openai/gpt-oss-20b": 131_072,
    "qwen/qwen3.6-27b": 131_072,
    "llama-3.1-8b-instant": 131_072,
    "llama-3.3-70b-versatile": 131_072,
}
"""With the tokens that each can take."""
_SWITCHED_OFF = frozenset({"llama-3.3-70b-versatile"})
_THOUGHT_WORDS = {"low": 6, "medium": 24, "high": 80}
_REQUESTS_PER_DAY, _TOKENS_PER_MINUTE = 1000, 8000
_MOST_BYTES = 2_000_000
_INVALID = "invalid_request_error"
_ERRORS: dict[str, tuple[int, str, str | None, str]] = {
    "rate_limited": (
        429,
        "tokens",
        "rate_limit_exceeded",
        "Rate limit reached on tokens per minute (TPM): Limit 8000, Used 7904, Requested 412.",
    ),
    "server_error": (500, "internal_server_error", None, "Internal Server Error"),
    "gateway_timeout": (504, "internal_server_error", None, "Gateway Timeout"),
    "auth": (401, _INVALID, "invalid_api_key", "Invalid API Key"),
    "quota": (400, _INVALID, "blocked_api_access", "API access is blocked by a spend limit"),
    "invalid_input": (400, _INVALID, None, "The request is invalid"),
    "model_gone": (
        400,
        _INVALID,
        "model_decommissioned",
        "The model has been decommissioned and is no longer supported.",
    ),
    "unknown_model": (404, _INVALID, "model_not_found", "The model does not exist"),
    "too_large": (413, _INVALID, "request_too_large", "Request Entity Too Large"),
    "too_long": (
        400,
        _INVALID,
        "context_length_exceeded",
        "Please reduce the length of the messages or completion.",
    ),
    "unknown_url": (404, _INVALID, "unknown_url", "Unknown request URL"),
}


class Groq(ChatForm):
    """The vendor as its customers see it."""

    name = "groq"
    limit_fields = ("max_completion_tokens", "max_tokens")

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        voice = Voice(lambda _: {}, lambda fault: fault, lambda: None)
        self._lifecycle.introduce(self.name, voice)

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        if method == "POST" and path == _CHAT:
            return "submit"
        return "model" if method == "GET" and _MODEL.fullmatch(path) else "unknown"

    def word(self, task: Task) -> str:
        """Returns how far a call is."""
        return WORDS[task.status]

    def check_key(self, exchange: Exchange) -> None:
        """Raises ChatError for a wrong key or none."""
        if not bearer(exchange) or bearer(exchange) != self._config.secrets.get("groq_api_key"):
            raise ChatError("auth")
        if len(exchange.request.get_data(cache=True)) > _MOST_BYTES:
            raise ChatError("too_large")

    def check(self, order: ChatOrder) -> None:
        """Raises ChatError for a model that there is not, or that can't take as much."""
        if order.model in self._gone():
            raise ChatError("model_gone")
        if order.model not in _MODELS:
            raise ChatError("unknown_model")
        if order.prompt_tokens > _MODELS[order.model]:
            raise ChatError("too_long", field="messages")

    def problem(self, error: ChatError) -> Response:
        """The vendor's answer to a call it refuses."""
        status, kind, code, text = _ERRORS[error.kind]
        body: dict[str, Any] = {"message": str(error) or text, "type": kind}
        if code:
            body["code"] = code
        if error.field:
            body["param"] = error.field
        response = json_response({"error": body}, status)
        response.headers.extend(self.headers() if status == 429 else {})
        return response

    def other(self, exchange: Exchange) -> Response:
        """Returns the models, or one of them."""
        found = _MODEL.fullmatch(exchange.path)
        if exchange.operation != "model" or found is None:
            raise ChatError("unknown_url")
        if found[1] is None:
            known = [_model(name) for name in _MODELS if name not in self._gone()]
            return json_response({"object": "list", "data": known})
        if found[1] not in _MODELS or found[1] in self._gone():
            raise ChatError("unknown_model")
        return json_response(_model(found[1]))

    def thought_words(self, order: ChatOrder) -> int:
        """Reasoning models think as much as the order says, and show it unless it is hidden."""
        if "gpt-oss" not in order.model:
            return 0
        return _THOUGHT_WORDS.get(str(order.body.get("reasoning_effort")), 24)

    def ends(
        self,
        last: dict[str, Any],
        order: ChatOrder,  # noqa: ARG002 - the bill is sent unasked
        reply: Reply,
        task: Task,
    ) -> list[dict[str, Any]]:
        """Returns one chunk with the bill, in both places."""
        usage = self.bill(reply)
        return [{**last, "usage": usage, "x_groq": {"id": _request_id(task), "usage": usage}}]

    def failure_frame(self) -> bytes:
        """Returns an event of its own name."""
        error = {"message": "Internal Server Error", "type": "internal_server_error"}
        return f"event: error\ndata: {json.dumps({'error': error})}\n\n".encode()

    def headers(self) -> dict[str, str]:
        """Requests are counted by the day, tokens by the minute."""
        made = len(self._lifecycle.tasks.listing(self.name))
        return {
            "x-ratelimit-limit-requests": str(_REQUESTS_PER_DAY),
            "x-ratelimit-limit-tokens": str(_TOKENS_PER_MINUTE),
            "x-ratelimit-remaining-requests": str(max(_REQUESTS_PER_DAY - made, 0)),
            "x-ratelimit-remaining-tokens": str(max(_TOKENS_PER_MINUTE - 100 * made, 0)),
            "x-ratelimit-reset-requests": "1m26.4s",
            "x-ratelimit-reset-tokens": "2.37s",
        }

    def first_fields(self, task: Task) -> dict[str, Any]:
        """Returns the request's id."""
        return {"x_groq": {"id": _request_id(task)}}

    def last_fields(self, task: Task) -> dict[str, Any]:
        """Returns the request's id."""
        return {"x_groq": {"id": _request_id(task)}}

    def bill(self, reply: Reply) -> dict[str, Any]:
        """Returns what it costs, and how much of it was thought."""
        details = {"reasoning_tokens": len(reply.thoughts)}
        return {**reply.usage(), "completion_tokens_details": details}

    def _gone(self) -> frozenset[str]:
        gone = self._config.gone_models
        return _SWITCHED_OFF if gone is None else frozenset(gone)


def _request_id(task: Task) -> str:
    return f"req_{task.task_id.removeprefix('chatcmpl-').replace('-', '')[:26]}"


def _model(name: str) -> dict[str, Any]:
    owner = name.partition("/")[0] if "/" in name else "Meta"
    return {
        "id": name,
        "object": "model",
        "created": 1_754_408_224,
        "owned_by": owner,
        "active": True,
        "context_window": _MODELS[name],
    }
