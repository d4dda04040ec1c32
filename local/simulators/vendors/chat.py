"""What the vendors that speak OpenAI's chat have in common: an order becomes an answer.

A vendor's own file has its names, models, thoughts, errors and what else it puts into a chunk.
"""

import json
import time
import uuid
from typing import Any

from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.streams import STREAM_FAULTS, Story, StreamedAnswer
from local.simulators.tasks import Status, Task, TooManyTasks
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.chat_orders import (
    REFUSED,
    ChatOrder,
    ChatRefused,
    Reply,
    read_chat,
    reply_to,
    said_in,
)
from local.simulators.wire import json_response
from local.simulators.writing import ODD_ANSWERS

FAMILY = "chat"
OWN_FAULTS = ODD_ANSWERS | {REFUSED}
DONE = b"data: [DONE]\n\n"


class ChatError(Exception):
    """A refused call; `kind` is the vendor's word in its table of errors."""

    def __init__(self, kind: str, text: str = "", field: str = "") -> None:
        self.kind, self.field = kind, field
        super().__init__(text)


class ChatForm:
    """A vendor's chat; the hooks at the end are the vendor's own."""

    name: str
    operations = frozenset({"submit"})
    limit_fields: tuple[str, ...] = ("max_tokens", "max_completion_tokens")

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._faults = ground.faults
        self._lifecycle = ground.lifecycle

    def recognise(self, exchange: Exchange) -> None:
        """Fill in what was said; a streamed answer breaks in its middle, if it does."""
        body = exchange.request.get_json(force=True, silent=True)
        exchange.prompt = said_in(body)
        is_streamed = isinstance(body, dict) and body.get("stream") is True
        exchange.own_faults = OWN_FAULTS | STREAM_FAULTS if is_streamed else OWN_FAULTS

    def answer(self, exchange: Exchange) -> Response:
        """Returns the answer, or why there is none in the vendor's form."""
        try:
            self.check_key(exchange)
            if exchange.operation != "submit":
                return self.other(exchange)
            return self._chat(exchange)
        except ChatRefused as refusal:
            return self.problem(ChatError("invalid_input", str(refusal), refusal.field))
        except ChatError as error:
            return self.problem(error)

    def refusal(self, fault: Fault) -> Response:
        """Returns the vendor's own error; `Retry-After` only if the order has one."""
        response = self.problem(ChatError(fault.fault))
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response

    def _chat(self, exchange: Exchange) -> Response:
        order = read_chat(exchange.request.get_json(force=True, silent=True), self.limit_fields)
        self.check(order)
        task = exchange.task = self._accepted(order, exchange)
        fault = self._faults.take(self.name, "submit", exchange.own_faults, order.prompt)
        reply = reply_to(order, self.thought_words(order), fault.fault if fault else "")
        if not order.is_streamed:
            return self._whole(order, reply, task)
        texts = ["", *("" for _ in reply.thoughts), *reply.pieces]
        story = Story(self._frames(order, reply, task), self.failure_frame(), texts)
        body = StreamedAnswer(
            story,
            task,
            self._lifecycle.tasks,
            self._config.text_delay_seconds,
            fault,
            exchange.request.environ,
        )
        return Response(body, headers=self.headers(), content_type="text/event-stream")

    def _accepted(self, order: ChatOrder, exchange: Exchange) -> Task:
        task = Task(
            provider=self.name,
            task_id=f"chatcmpl-{uuid.uuid4()}",
            family=FAMILY,
            model=order.model,
            prompt=order.prompt,
            inputs={name: of for name, of in order.body.items() if name != "messages"},
            due_seconds=0,
            caller=exchange.caller,
            status=Status.RUNNING,
        )
        try:
            self._lifecycle.tasks.add(task, self._config.concurrency)
        except TooManyTasks as full:
            raise ChatError("rate_limited") from full
        return task

    def _whole(self, order: ChatOrder, reply: Reply, task: Task) -> Response:
        time.sleep(self._config.text_delay_seconds * reply.tokens)
        self._lifecycle.tasks.advance(task, Status.SUCCEEDED)
        said: dict[str, Any] = {"role": "assistant", "content": "".join(reply.pieces)}
        if thoughts := "".join(reply.thoughts):
            said[self.thought_field] = thoughts
        choice = {"index": 0, "message": said, "logprobs": None, "finish_reason": reply.finish}
        body = self._envelope(order, task, "chat.completion", [choice])
        body |= {"usage": self.bill(reply), **self.last_fields(task)}
        response = json_response(body)
        response.headers.extend(self.headers())
        return response

    def _frames(self, order: ChatOrder, reply: Reply, task: Task) -> list[bytes]:
        first: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        thoughts = [{self.thought_field: thought} for thought in reply.thoughts]
        words = [{"content": word} for word in reply.pieces]
        chunks = [self._chunk(order, task, delta) for delta in (*first, *thoughts, *words)]
        chunks[0] |= self.first_fields(task)
        chunks += self.ends(self._chunk(order, task, {}, reply.finish), order, reply, task)
        return [frame(chunk) for chunk in chunks] + [DONE]

    def _chunk(
        self, order: ChatOrder, task: Task, delta: dict[str, Any], finish: str | None = None
    ) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._envelope(order, task, "chat.completion.chunk", [choice])

    def _envelope(
        self, order: ChatOrder, task: Task, kind: str, choices: list[dict[str, Any]]
    ) -> dict[str, Any]:
        return {
            "id": task.task_id,
            "object": kind,
            "created": task.submitted_ms // 1000,
            "model": order.model,
            "choices": choices,
        }

    thought_field = "reasoning"

    def check_key(self, exchange: Exchange) -> None:
        """Raises ChatError for a wrong key or none."""
        raise NotImplementedError

    def check(self, order: ChatOrder) -> None:
        """Raises ChatError for a model that there is not, and other refusals."""
        raise NotImplementedError

    def problem(self, error: ChatError) -> Response:
        """The vendor's answer to a call it refuses."""
        raise NotImplementedError

    def other(self, exchange: Exchange) -> Response:
        """Returns the answer to a call that is no chat."""
        raise NotImplementedError

    def thought_words(self, order: ChatOrder) -> int:
        """Returns how much the model thinks before it speaks, in words."""
        raise NotImplementedError

    def ends(
        self, last: dict[str, Any], order: ChatOrder, reply: Reply, task: Task
    ) -> list[dict[str, Any]]:
        """Returns the chunks at the end, with the bill where the vendor puts it."""
        raise NotImplementedError

    def failure_frame(self) -> bytes:
        """Returns the frame that is sent when something breaks in the middle."""
        raise NotImplementedError

    def bill(self, reply: Reply) -> dict[str, Any]:
        """Returns what it costs, in tokens."""
        return reply.usage()

    def headers(self) -> dict[str, str]:
        """Headers of every answer."""
        return {}

    def first_fields(self, task: Task) -> dict[str, Any]:  # noqa: ARG002 - for vendors to fill
        """More fields of the first chunk."""
        return {}

    def last_fields(self, task: Task) -> dict[str, Any]:  # noqa: ARG002 - for vendors to fill
        """More fields of a whole answer."""
        return {}


def frame(value: dict[str, Any]) -> bytes:
    """Returns one event of a stream."""
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def bearer(exchange: Exchange) -> str:
    """Returns the key that a request carries, empty if it carries none."""
    scheme, _, key = exchange.request.headers.get("Authorization", "").partition(" ")
    return key if scheme == "Bearer" else ""
