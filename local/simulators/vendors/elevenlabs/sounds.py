"""ElevenLabs: a create is answered with the finished sound itself, whole or as a stream.

What a call is here is a task, so that it is seen and counted: its credits are `cost_units`. A
dropped reply breaks off in the middle of the file; hanging sends nothing. There are no downloads,
so a fault of `result` spoils the file in the next answer.
"""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from werkzeug.wrappers import Response

from local.simulators.faults import FILES, Fault
from local.simulators.lifecycle import Voice
from local.simulators.sounds import Sounds
from local.simulators.spoiling import spoil
from local.simulators.streams import cut_connection
from local.simulators.tasks import Status, Task, TooManyTasks
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.elevenlabs.errors import (
    TABLE,
    Invalid,
    Refused,
    invalid_body,
    refusal_body,
)
from local.simulators.vendors.elevenlabs.models import SWITCHED_OFF, model_rows, voice_rows
from local.simulators.vendors.elevenlabs.orders import (
    Order,
    read_effect,
    read_music,
    read_speech,
    text_of,
)
from local.simulators.wire import json_response

NAME = "elevenlabs"
_SPEECH = re.compile(r"v1/text-to-speech/([^/]+)(/stream)?")
_OTHERS = frozenset({"v1/sound-generation", "v1/music", "v1/music/stream"})
_LISTS = {"v1/voices": "voices", "v2/voices": "voices", "v1/models": "models"}
_WORDS = {Status.RUNNING: "processing", Status.SUCCEEDED: "created", Status.FAILED: "failed"}
_OWN_FAULTS = frozenset({"content_policy", "drop_reply", "slow"})
_SPOILED = FILES["result"] & {"corrupt", "truncated", "html", "empty"}
_SLOW_SECONDS = 5.0
_PIECE_BYTES = 16_384
_SUGGESTION = "A calm instrumental piece with a warm piano and soft strings."


class ElevenLabs:
    """The vendor as its customers see it."""

    name = NAME
    operations = frozenset({"submit", "result"})

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._faults = ground.faults
        self._lifecycle = ground.lifecycle
        self._sounds = Sounds(ground.config)
        self._lifecycle.introduce(NAME, Voice(lambda _: {}, lambda fault: fault, lambda: None))

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        if method == "POST" and (path in _OTHERS or _SPEECH.fullmatch(path)):
            return "submit"
        return _LISTS.get(path, "unknown") if method == "GET" else "unknown"

    def recognise(self, exchange: Exchange) -> None:
        """Fill in the text."""
        exchange.prompt = text_of(exchange.request.get_json(force=True, silent=True))
        exchange.own_faults = _OWN_FAULTS

    def word(self, task: Task) -> str:
        """Returns how far a call is."""
        return _WORDS.get(task.status, task.status.value)

    def answer(self, exchange: Exchange) -> Response:
        """Returns the sound, a listing, or why there is none."""
        try:
            self._check_key(exchange)
            if exchange.operation == "voices":
                return json_response({"voices": voice_rows(), "has_more": False, "total_count": 4})
            if exchange.operation == "models":
                return json_response(model_rows(self._gone()))
            return self._created(exchange)
        except Invalid as problem:
            return json_response(invalid_body(problem), 422)
        except Refused as refused:
            return _refusal(refused.kind, str(refused), **refused.data)

    def refusal(self, fault: Fault) -> Response:
        """Returns the vendor's own error; its gateway's words are nobody's form."""
        if fault.fault == "gateway_timeout":
            return Response("upstream request timeout", 504, content_type="text/plain")
        response = _refusal(fault.fault)
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response

    def _check_key(self, exchange: Exchange) -> None:
        key = exchange.request.headers.get("xi-api-key")
        if not key:
            raise Refused("no_key")
        if key != self._config.secrets.get("elevenlabs_api_key"):
            raise Refused("auth")

    def _created(self, exchange: Exchange) -> Response:
        order = self._order(exchange)
        if self._take("content_policy", exchange):
            _refuse_content(order)
        task = exchange.task = self._accepted(order, exchange)
        path = self._sounds.make(order.sound)
        self._pass_time(task, exchange)
        is_cut = False
        if self._lifecycle.tasks.advance(task, Status.SUCCEEDED):  # else it is forgotten
            path = self._spoiled(path, exchange)
            is_cut = self._take("drop_reply", exchange) is not None
        return self._delivery(order, task, path, exchange, is_cut=is_cut)

    def _order(self, exchange: Exchange) -> Order:
        request, gone = exchange.request, self._config.gone_models
        body = request.get_json(force=True, silent=True)
        spoken = _SPEECH.fullmatch(exchange.path)
        if spoken:
            return read_speech(body, request.args, spoken[1], gone)
        if exchange.path == "v1/sound-generation":
            return read_effect(body, request.args, gone)
        if exchange.operation == "submit":
            return read_music(body, request.args, gone)
        raise Refused("unknown_url")

    def _accepted(self, order: Order, exchange: Exchange) -> Task:
        task = Task(
            provider=NAME,
            task_id=secrets.token_urlsafe(15),
            family=exchange.path.split("/")[1],
            model=order.model,
            prompt=order.text,
            inputs=dict(exchange.request.args),
            due_seconds=self._config.generation_seconds,
            caller=exchange.caller,
            cost_units=order.credits,
            status=Status.RUNNING,
            result_seconds=order.sound.seconds,
        )
        try:
            self._lifecycle.tasks.add(task, self._config.concurrency)
        except TooManyTasks as full:
            raise Refused("too_many") from full
        return task

    def _pass_time(self, task: Task, exchange: Exchange) -> None:
        """A call takes as long as it takes, unless it is forgotten meanwhile."""
        seconds = self._config.generation_seconds
        if slow := self._take("slow", exchange):
            seconds += _SLOW_SECONDS if slow.delay_seconds is None else slow.delay_seconds
        self._lifecycle.tasks.wait_for_end(task, seconds)

    def _spoiled(self, path: Path, exchange: Exchange) -> Path:
        fault = self._faults.take(NAME, "result", _SPOILED, exchange.prompt)
        if fault is None:
            return path
        folder = self._config.data_dir / "spoiled"
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{fault.fault}-{path.name}"
        return spoil(fault.fault, path, target, self._config.ffmpeg)

    def _delivery(
        self, order: Order, task: Task, path: Path, exchange: Exchange, *, is_cut: bool
    ) -> Response:
        data = path.read_bytes()
        response = Response(_pieces(data, exchange, is_cut=is_cut), content_type="audio/mpeg")
        response.headers["request-id"] = task.task_id
        response.headers["character-cost"] = str(order.credits)
        if order.family == "music":
            response.headers["song-id"] = task.task_id
        if not exchange.path.endswith("/stream"):
            response.headers["Content-Length"] = str(len(data))
        return response

    def _take(self, name: str, exchange: Exchange) -> Fault | None:
        return self._faults.take(NAME, "submit", frozenset({name}), exchange.prompt)

    def _gone(self) -> frozenset[str]:
        gone = self._config.gone_models
        return SWITCHED_OFF if gone is None else frozenset(gone)


def _refusal(kind: str, text: str = "", **data: object) -> Response:
    body = refusal_body(kind, text, secrets.token_hex(16), data)
    return json_response(body, TABLE[kind][0])


def _refuse_content(order: Order) -> None:
    if order.family == "music":
        raise Refused("bad_prompt", prompt_suggestion=_SUGGESTION)
    raise Refused("content_policy")


def _pieces(data: bytes, exchange: Exchange, *, is_cut: bool) -> Iterator[bytes]:
    """Yields the file as it is sent; one that is cut ends in the middle, and so does the
    connection.
    """
    end = len(data) // 2 if is_cut else len(data)
    for start in range(0, end, _PIECE_BYTES):
        yield data[start : min(start + _PIECE_BYTES, end)]
    if is_cut:
        cut_connection(exchange.request.environ)
        raise ConnectionAbortedError("the reply was dropped on purpose")
