"""GMI's language models: chat in OpenAI's form on a host of its own.

Models have their makers' full names; any other is answered 404 in plain text, as live calls were.
An error of the maker's own engine is put as text into `details`. Usage is sent if asked for.
"""

import json
import re
from typing import Any

from werkzeug.wrappers import Response

from local.simulators.tasks import Task
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.chat import ChatError, ChatForm, frame
from local.simulators.vendors.chat_orders import ChatOrder, Reply
from local.simulators.vendors.gmi.access import NAME, VOICE, WORDS, has_key
from local.simulators.wire import json_response

_CHAT, _MODELS_PATH = "v1/chat/completions", "v1/models"
_MAKERS = "openai|anthropic|google|deepseek-ai|zai-org|Qwen|moonshotai|MiniMaxAI|meta-llama"
_MODEL = re.compile(rf"(?:{_MAKERS})/[A-Za-z0-9._-]{{1,80}}")
_LISTED = ("openai/gpt-5.5", "deepseek-ai/DeepSeek-V4-Pro", "zai-org/GLM-5.1-FP8")
_THINKING = re.compile(r"gpt-oss|-R1|thinking", re.IGNORECASE)
_ERRORS: dict[str, tuple[int, str, str]] = {
    "rate_limited": (429, "rate_limit_error", "Rate limit exceeded"),
    "server_error": (500, "backend_error", "Backend request failed with status 500"),
    "gateway_timeout": (504, "backend_error", "Backend request timed out"),
    "auth": (401, "authentication_error", "Invalid API key"),
    "quota": (402, "insufficient_balance", "Insufficient balance"),
    "invalid_input": (400, "backend_error", "Backend request failed with status 400"),
    "unknown_url": (404, "not_found", "Not found"),
}


class GmiChat(ChatForm):
    """The vendor as those see it who only write."""

    name = NAME
    thought_field = "reasoning_content"

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._lifecycle.introduce(self.name, VOICE)

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        known = {("POST", _CHAT): "submit", ("GET", _MODELS_PATH): "model"}
        return known.get((method, path), "unknown")

    def word(self, task: Task) -> str:
        """Returns how far a call is."""
        return WORDS[task.status]

    def check_key(self, exchange: Exchange) -> None:
        """Raises ChatError for a wrong key or none."""
        if not has_key(exchange, self._config.secrets):
            raise ChatError("auth")

    def check(self, order: ChatOrder) -> None:
        """Raises ChatError for a model that there is not."""
        gone = self._config.gone_models or []
        if order.model in gone or not _MODEL.fullmatch(order.model):
            raise ChatError("model_gone", order.model)

    def problem(self, error: ChatError) -> Response:
        """The vendor's answer to a call it refuses."""
        if error.kind == "model_gone":
            text = f"No matching target server found for model {error}".rstrip()
            return Response(text, 404, content_type="text/plain; charset=utf-8")
        status, kind, text = _ERRORS[error.kind]
        body: dict[str, Any] = {"message": text, "type": kind, "code": status}
        if error.kind == "invalid_input":
            inner = {"type": "invalid_request_error", "code": "400001", "message": str(error)}
            body["details"] = json.dumps({"error": inner})
        return json_response({"error": body}, status)

    def other(self, exchange: Exchange) -> Response:
        """Returns some of the models."""
        if exchange.operation != "model":
            raise ChatError("unknown_url")
        listed = [{"id": name, "object": "model"} for name in _LISTED]
        return json_response({"object": "list", "data": listed})

    def thought_words(self, order: ChatOrder) -> int:
        """Models that reason think a little."""
        return 12 if _THINKING.search(order.model) else 0

    def ends(
        self,
        last: dict[str, Any],
        order: ChatOrder,
        reply: Reply,
        task: Task,  # noqa: ARG002 - nothing of it is sent
    ) -> list[dict[str, Any]]:
        """Returns the end, and if it is wanted a chunk with nothing but the bill."""
        options = order.body.get("stream_options")
        wants_usage = isinstance(options, dict) and options.get("include_usage") is True
        return [last, {**last, "choices": [], "usage": self.bill(reply)}] if wants_usage else [last]

    def failure_frame(self) -> bytes:
        """Returns an event like the others, with an error in it."""
        status, kind, text = _ERRORS["server_error"]
        return frame({"error": {"message": text, "type": kind, "code": status}})
