"""Google's Interactions API, which Gemini Omni is ordered by."""

import base64
import re
from datetime import UTC, datetime

from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.tasks import Status, Task, TooManyTasks
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.google.errors import (
    CODE_FAULTS,
    CodeError,
    code_response,
)
from local.simulators.vendors.google.interaction_orders import (
    MODELS,
    InteractionOrder,
    Wish,
    prompt_of,
    read_order,
    wish_of,
)
from local.simulators.vendors.google.tasks import (
    INTERACTION_PREFIX,
    NAME,
    OMNI,
    SWITCHED_OFF,
    VOICE,
    WORDS,
    file_url,
    has_key,
    new_name,
    was_blocked,
)
from local.simulators.wire import json_response

_PATH = re.compile(r"v1(?:beta)?/interactions(?:/([A-Za-z0-9_-]+)(/cancel)?)?\Z")
_LONGEST_ANSWER_SECONDS = 120.0


class GoogleInteractions:
    """The vendor as customers of Gemini Omni see it."""

    name = NAME
    operations = frozenset({"submit", "poll", "result", "cancel"})

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._lifecycle = ground.lifecycle
        self._lifecycle.introduce(self.name, VOICE)

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        found = _PATH.match(path)
        if found is None:
            return "unknown"
        calls = {(False, "POST"): "submit", (True, "GET"): "poll"}
        if found[2]:
            return "cancel" if method == "POST" else "unknown"
        return calls.get((found[1] is not None, method), "unknown")

    def recognise(self, exchange: Exchange) -> None:
        """Fill in the task that is meant, or the prompt that is submitted."""
        found = _PATH.match(exchange.path)
        if exchange.operation == "submit":
            exchange.prompt = prompt_of(exchange.request.get_data(cache=True))
        elif found and found[1]:
            task = self._lifecycle.tasks.find(self.name, found[1])
            exchange.task = task if task and task.family == OMNI else None
            exchange.prompt = exchange.task.prompt if exchange.task else ""

    def answer(self, exchange: Exchange) -> Response:
        """Do what the request asks, or say why not in the vendor's form."""
        try:
            self._check_key(exchange)
            return json_response(self._answer(exchange))
        except CodeError as error:
            return code_response(error)

    def refusal(self, fault: Fault) -> Response:
        """Returns the vendor's own error; `Retry-After` only if the order has one."""
        status = 504 if fault.fault == "gateway_timeout" else None
        response = code_response(CodeError(CODE_FAULTS[fault.fault], "ordered"), status)
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response

    def word(self, task: Task) -> str:
        """Returns the vendor's word for the task's status."""
        return WORDS[task.status]

    def _check_key(self, exchange: Exchange) -> None:
        if not has_key(exchange.request, self._config.secrets):
            raise CodeError("authentication", "The API key is missing or not valid")

    def _answer(self, exchange: Exchange) -> dict[str, object]:
        if exchange.operation == "submit":
            return self._submit(exchange)
        if exchange.task is None:
            raise CodeError("not_found", "The interaction was not found")
        if exchange.operation == "cancel":
            return self._cancel(exchange.task)
        self._lifecycle.polled(exchange.task)
        return self._described(exchange.task)

    def _submit(self, exchange: Exchange) -> dict[str, object]:
        order = read_order(exchange.request.get_data(cache=True))
        self._check_model(order.model)
        wish = wish_of(order)
        task = self._new_task(order, wish, exchange.caller)
        try:
            self._lifecycle.submit(task, wish.render_order)
        except TooManyTasks as full:
            raise CodeError("rate_limit_exceeded", "Too many interactions at once") from full
        exchange.task = task
        if not order.background:
            self._lifecycle.tasks.wait_for_end(task, _LONGEST_ANSWER_SECONDS)
        return self._described(task)

    def _check_model(self, name: str) -> None:
        gone = SWITCHED_OFF if self._config.gone_models is None else self._config.gone_models
        if name in gone or name not in MODELS:
            raise CodeError("model_not_found", f"Model {name} was not found")

    def _new_task(self, order: InteractionOrder, wish: Wish, caller: str | None) -> Task:
        return Task(
            provider=self.name,
            task_id=f"{INTERACTION_PREFIX}{new_name()}",
            family=OMNI,
            model=order.model,
            prompt=wish.prompt,
            inputs={"content": wish.content, **order.response_format.model_dump()},
            due_seconds=self._config.generation_seconds,
            caller=caller,
            cost_units=round(MODELS[order.model] * wish.video.seconds, 2),
        )

    def _cancel(self, task: Task) -> dict[str, object]:
        if not task.is_open:
            raise CodeError("invalid_request", "The interaction has ended")
        self._lifecycle.cancel(task)
        return self._described(task)

    def _described(self, task: Task) -> dict[str, object]:
        """Returns the interaction with all its steps, beginning with what the customer gave."""
        steps: list[object] = [{"type": "user_input", "content": task.inputs["content"]}]
        if task.status is Status.SUCCEEDED:
            steps.append({"type": "thought", "signature": "c2lnbmVk"})
            steps.append({"type": "model_output", "content": [self._video(task)]})
        interaction: dict[str, object] = {
            "id": task.task_id,
            "object": "interaction",
            "model": task.model,
            "status": WORDS[task.status],
            "created": _time(task.submitted_ms),
            "updated": _time(task.updated_ms),
            "steps": steps,
        }
        return interaction | ({"errors": [_error(task)]} if task.message else {})

    def _video(self, task: Task) -> dict[str, object]:
        video: dict[str, object] = {"type": "video", "mime_type": "video/mp4"}
        if task.inputs["delivery"] == "uri":
            return {**video, "uri": file_url(self._config.base_url, task)}
        return {**video, "data": base64.b64encode(self._lifecycle.delivered(task)).decode()}


def _error(task: Task) -> dict[str, object]:
    return {"code": "safety" if was_blocked(task) else "api_error", "message": task.message}


def _time(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
