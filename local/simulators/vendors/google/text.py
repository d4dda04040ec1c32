"""Gemini's text: `generateContent`, and `streamGenerateContent` as server-sent events or an array.

A refused prompt is no error: the answer has no candidate and says why in `promptFeedback`.
"""

import json
import re
import time
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.streams import STREAM_FAULTS, Story, StreamedAnswer
from local.simulators.tasks import Status, Task, TooManyTasks
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.google.errors import RPC_FAULTS, RPC_STATUSES, RpcError, rpc_response
from local.simulators.vendors.google.tasks import NAME, VOICE, WORDS, new_name
from local.simulators.vendors.google.veo import check_key
from local.simulators.wire import json_response
from local.simulators.writing import ODD_ANSWERS, answer_to, pieces

_CALL = re.compile(r"v1(?:beta)?/models/([^/:]+):(generateContent|streamGenerateContent)\Z")
_LIST = re.compile(r"v1(?:beta)?/models\Z")
_LISTED = {
    "gemini-2.5-flash": ("Gemini 2.5 Flash", ["generateContent", "countTokens"]),
    "gemini-2.5-pro": ("Gemini 2.5 Pro", ["generateContent", "countTokens"]),
    "veo-3.1-generate-001": ("Veo 3.1", ["predictLongRunning"]),
}
_MODEL = re.compile(
    r"gemini-(?:(?:2\.[05]|3(?:\.\d)?)-)?(?:flash|pro)(?:-lite)?(?:-preview|-latest)?"
)
_SWITCHED_OFF = frozenset({"gemini-2.0-flash", "gemini-2.0-flash-lite"})
_FAMILY = "text"
_REFUSED = frozenset({"content_policy"})
_OWN_FAULTS = _REFUSED | ODD_ANSWERS
_PIECES_A_FRAME = 3
_THOUGHT_TOKENS = 8
_WORD = re.compile(r"\w+|[^\w\s]")


class _Wire(BaseModel):
    """Fields as the API has them; it knows both spellings, and refuses others."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)


class _Part(_Wire):
    text: str
    thought: bool | None = None


class _Content(_Wire):
    role: str | None = Field(default=None, pattern="^(user|model|system)$")
    parts: list[_Part] = Field(min_length=1)


class _Thinking(_Wire):
    include_thoughts: bool = False
    thinking_budget: int | None = None
    thinking_level: str | None = None


class _Config(_Wire):
    max_output_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = None
    top_k: float | None = None
    seed: int | None = None
    candidate_count: int = Field(default=1, ge=1, le=8)
    stop_sequences: list[str] = Field(default_factory=list, max_length=5)
    response_mime_type: str = Field(default="text/plain", pattern="^(text/plain|application/json)$")
    response_schema: dict[str, Any] | None = None
    thinking_config: _Thinking | None = None


class _Order(_Wire):
    contents: list[_Content] = Field(min_length=1)
    system_instruction: _Content | None = None
    generation_config: _Config = Field(default_factory=_Config)
    safety_settings: list[dict[str, str]] = Field(default_factory=list)

    @property
    def prompt(self) -> str:
        """Everything that was said."""
        said = [self.system_instruction, *self.contents]
        return "\n".join(_text(content) for content in said if content)

    def answer(self, odd: str = "") -> tuple[list[str], str]:
        """Returns the answer in pieces, cut at its limit, and how it ends."""
        config = self.generation_config
        as_json = config.response_mime_type == "application/json"
        question = _text(self.contents[-1])
        said = pieces(answer_to(self.prompt, question, as_json=as_json, odd=odd))
        room = None if odd == "endless" else config.max_output_tokens
        if room is None or len(said) + self.thoughts <= room:
            return said, "MAX_TOKENS" if odd == "truncated" else "STOP"
        return said[: max(room - self.thoughts, 0)], "MAX_TOKENS"

    @property
    def thoughts(self) -> int:
        """How many tokens the model thinks; none with a budget of 0."""
        thinking = self.generation_config.thinking_config
        return 0 if thinking and thinking.thinking_budget == 0 else _THOUGHT_TOKENS

    @property
    def shows_thoughts(self) -> bool:
        """Whether thoughts are sent too."""
        thinking = self.generation_config.thinking_config
        return bool(thinking and thinking.include_thoughts and self.thoughts)


class GoogleText:
    """The vendor as those see it who want text."""

    name = NAME
    operations = frozenset({"submit"})

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._faults = ground.faults
        self._lifecycle = ground.lifecycle
        self._lifecycle.introduce(self.name, VOICE)

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        if method == "GET" and _LIST.match(path):
            return "models"
        return "submit" if method == "POST" and _CALL.match(path) else "unknown"

    def recognise(self, exchange: Exchange) -> None:
        """Fill in what was said; a streamed answer breaks in its middle, if it does."""
        try:
            exchange.prompt = _Order.model_validate_json(exchange.request.get_data()).prompt
        except ValidationError:
            exchange.prompt = ""
        exchange.own_faults = _OWN_FAULTS | STREAM_FAULTS if _is_streamed(exchange) else _OWN_FAULTS

    def answer(self, exchange: Exchange) -> Response:
        """Returns the answer, or why there is none in the vendor's form."""
        try:
            check_key(exchange, self._config.secrets)
            if exchange.operation == "models":
                return json_response(_page(exchange.request.args))
            return self._generate(exchange)
        except RpcError as error:
            return rpc_response(error)

    def refusal(self, fault: Fault) -> Response:
        """Returns the vendor's own error; when to come back is in its body."""
        return rpc_response(RpcError(*RPC_FAULTS[fault.fault]), fault.retry_after)

    def word(self, task: Task) -> str:
        """Returns the vendor's word for the task's status."""
        return WORDS[task.status]

    def _generate(self, exchange: Exchange) -> Response:
        model = self._model(exchange)
        order = _read(exchange)
        task = exchange.task = self._accepted(order, model, exchange)
        fault = self._faults.take(self.name, "submit", exchange.own_faults, order.prompt)
        is_refused = fault is not None and fault.fault in _REFUSED
        odd = fault.fault if fault is not None and fault.fault in ODD_ANSWERS else ""
        answers = [_blocked(order, task)] if is_refused else _answers(order, task, odd)
        if not _is_streamed(exchange):
            return self._whole(answers, task)
        body = StreamedAnswer(
            _story(answers, is_array=exchange.request.args.get("alt") != "sse"),
            task,
            self._lifecycle.tasks,
            self._config.text_delay_seconds * _PIECES_A_FRAME,
            fault,
            exchange.request.environ,
        )
        kind = "text/event-stream" if exchange.request.args.get("alt") == "sse" else None
        return Response(body, content_type=kind or "application/json; charset=UTF-8")

    def _model(self, exchange: Exchange) -> str:
        found = _CALL.match(exchange.path)
        name = found[1] if found else ""
        gone = self._config.gone_models
        if not _MODEL.fullmatch(name) or name in (_SWITCHED_OFF if gone is None else gone):
            text = f"models/{name} is not found for API version v1beta"
            raise RpcError("NOT_FOUND", f"{text}, or is not supported for generateContent.")
        return name

    def _accepted(self, order: _Order, model: str, exchange: Exchange) -> Task:
        task = Task(
            provider=self.name,
            task_id=new_name(),
            family=_FAMILY,
            model=model,
            prompt=order.prompt,
            inputs=order.generation_config.model_dump(exclude_unset=True),
            due_seconds=0,
            caller=exchange.caller,
            status=Status.RUNNING,
        )
        try:
            self._lifecycle.tasks.add(task, self._config.concurrency)
        except TooManyTasks as full:
            raise RpcError("RESOURCE_EXHAUSTED", "You exceeded your current quota") from full
        return task

    def _whole(self, answers: list[dict[str, Any]], task: Task) -> Response:
        """Returns one answer with all its parts; it takes as long as the stream would."""
        time.sleep(self._config.text_delay_seconds * _PIECES_A_FRAME * len(answers))
        self._lifecycle.tasks.advance(task, Status.SUCCEEDED)
        last = answers[-1]
        if "candidates" not in last:
            return json_response(last)
        parts = [part for answer in answers for part in _parts(answer)]
        spoken = [part for part in parts if part.get("thought")]
        text = "".join(part["text"] for part in parts if not part.get("thought"))
        content = {"role": "model", "parts": [*spoken, {"text": text}]}
        return json_response(
            {**last, "candidates": [{**last["candidates"][0], "content": content}]}
        )


def _page(given: Mapping[str, str]) -> dict[str, Any]:
    """Returns some of the models; the token of the next page is the place of its first one."""
    size, start = _number(given.get("pageSize"), 50), _number(given.get("pageToken"), 0)
    names = list(_LISTED)
    listed = [
        {
            "name": f"models/{name}",
            "version": "001",
            "displayName": _LISTED[name][0],
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": _LISTED[name][1],
        }
        for name in names[start : start + size]
    ]
    following = {"nextPageToken": str(start + size)} if start + size < len(names) else {}
    return {"models": listed, **following}


def _number(text: str | None, usual: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() else usual


def _is_streamed(exchange: Exchange) -> bool:
    found = _CALL.match(exchange.path)
    return found is not None and found[2] == "streamGenerateContent"


def _read(exchange: Exchange) -> _Order:
    try:
        return _Order.model_validate_json(exchange.request.get_data())
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(map(str, problem["loc"]))
        text = f"Invalid JSON payload received. {problem['msg']}: {place}"
        raise RpcError("INVALID_ARGUMENT", text) from error


def _text(content: _Content) -> str:
    return "\n".join(part.text for part in content.parts)


def _parts(answer: dict[str, Any]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = answer["candidates"][0]["content"]["parts"]
    return parts


def _answers(order: _Order, task: Task, odd: str) -> list[dict[str, Any]]:
    """Returns the frames: each has some more of the text, and the bill so far."""
    said, end = order.answer(odd)
    starts = range(0, len(said), _PIECES_A_FRAME)
    texts = ["".join(said[start : start + _PIECES_A_FRAME]) for start in starts] or [""]
    thought = {"text": "What was asked comes first.", "thought": True}
    shown = [_frame(order, task, [thought], 0)] if order.shows_thoughts else []
    frames = [
        _frame(order, task, [{"text": text}], min((place + 1) * _PIECES_A_FRAME, len(said)))
        for place, text in enumerate(texts)
    ]
    frames[-1]["candidates"][0]["finishReason"] = end
    return [*shown, *frames]


def _frame(order: _Order, task: Task, parts: list[dict[str, Any]], tokens: int) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
    return {"candidates": [candidate], **_closing(order, task, tokens, order.thoughts)}


def _blocked(order: _Order, task: Task) -> dict[str, Any]:
    return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **_closing(order, task, 0, 0)}


def _closing(order: _Order, task: Task, tokens: int, thoughts: int) -> dict[str, Any]:
    given = len(_WORD.findall(order.prompt))
    usage = {"promptTokenCount": given, "totalTokenCount": given + tokens + thoughts}
    if tokens:
        usage["candidatesTokenCount"] = tokens
    if thoughts:
        usage["thoughtsTokenCount"] = thoughts
    return {"usageMetadata": usage, "modelVersion": task.model, "responseId": task.task_id}


def _story(answers: list[dict[str, Any]], *, is_array: bool) -> Story:
    """As events, or as one array that grows."""
    status, text = RPC_FAULTS["server_error"]
    failure = {"error": {"code": RPC_STATUSES[status][0], "message": text, "status": status}}
    texts = [_text_in(answer) for answer in answers]
    if not is_array:
        return Story([_event(answer) for answer in answers], _event(failure), texts)
    last = len(answers) - 1
    frames = [
        f"{',' if place else '['}{json.dumps(answer)}{']' if place == last else ''}".encode()
        for place, answer in enumerate(answers)
    ]
    return Story(frames, f",{json.dumps(failure)}]".encode(), texts)


def _text_in(answer: dict[str, Any]) -> str:
    """Returns what of the text is in an answer, thoughts apart."""
    parts = _parts(answer) if "candidates" in answer else []
    return "".join(part["text"] for part in parts if not part.get("thought"))


def _event(answer: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(answer, ensure_ascii=False)}\r\n\r\n".encode()
