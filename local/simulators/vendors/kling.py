"""Kling's older wire form: `/v1/videos/*` with the model in the body.

Pictures given by address are fetched after the task was accepted, so a bad one fails the task with
the reason in `task_status_msg`; pictures in base64 are checked at once.
"""

import math
import secrets
import uuid

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.lifecycle import Voice
from local.simulators.pictures import load_picture
from local.simulators.rendering import RenderOrder
from local.simulators.tasks import DuplicateTask, Status, Task, TooManyTasks
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.kling_access import access_problem
from local.simulators.vendors.kling_errors import FAILURE_TEXTS, FAULT_CODES, KlingError
from local.simulators.vendors.kling_models import SWITCHED_OFF, Model
from local.simulators.vendors.kling_orders import ImageOrder, TextOrder, VideoOrder, read_order
from local.simulators.wire import json_response

_FAMILIES = ("image2video", "text2video")
_WORDS = {
    Status.QUEUED: "submitted",
    Status.RUNNING: "processing",
    Status.SUCCEEDED: "succeed",
    Status.FAILED: "failed",
}
_INPUT_FIELDS = ("mode", "duration", "sound", "aspect_ratio", "negative_prompt", "cfg_scale")


class Kling:
    """The vendor as its customers see it."""

    name = "kling"
    operations = frozenset({"submit", "poll", "result", "webhook"})

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._lifecycle = ground.lifecycle
        voice = Voice(describe, FAILURE_TEXTS.__getitem__, self._webhook_secret)
        self._lifecycle.introduce(self.name, voice)

    def operation_of(self, method: str, path: str) -> str:
        """The name of a call."""
        family, task_id = _parts(path)
        if family not in _FAMILIES:
            return "unknown"
        if task_id:
            return "poll" if method == "GET" else "unknown"
        return {"POST": "submit", "GET": "list"}.get(method, "unknown")

    def recognise(self, exchange: Exchange) -> None:
        """Fill in the task that is polled, or the prompt that is submitted."""
        if exchange.operation == "poll":
            exchange.task = self._task(exchange.path)
            exchange.prompt = exchange.task.prompt if exchange.task else ""
        elif exchange.operation == "submit":
            body = exchange.request.get_json(force=True, silent=True)
            prompt = body.get("prompt") if isinstance(body, dict) else None
            exchange.prompt = prompt if isinstance(prompt, str) else ""

    def answer(self, exchange: Exchange) -> Response:
        """Do what the request asks, or say why not in the vendor's form."""
        try:
            return _success(self._data(exchange))
        except KlingError as error:
            return _failure(error)

    def refusal(self, fault: Fault) -> Response:
        """The vendor's own error; `Retry-After` only if the order has one, the vendor has none."""
        response = _failure(KlingError(FAULT_CODES[fault.fault]))
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response

    def word(self, task: Task) -> str:
        """The vendor's word for the task's status."""
        return _WORDS[task.status]

    def _webhook_secret(self) -> str | None:
        return self._config.secrets.get("kling_webhook_secret")

    def _data(self, exchange: Exchange) -> object:
        problem = access_problem(
            exchange.request.headers.get("Authorization", ""), self._config.secrets
        )
        if problem is not None:
            raise KlingError(problem)
        match exchange.operation:
            case "submit":
                return self._submit(exchange)
            case "poll":
                return self._poll(exchange)
            case "list":
                return self._list(exchange)
            case _:
                raise KlingError(1202)

    def _submit(self, exchange: Exchange) -> object:
        family = _parts(exchange.path)[0]
        order = read_order(family, exchange.request.get_data(cache=True))
        gone = self._config.gone_models
        model = order.check(family, SWITCHED_OFF if gone is None else gone)
        task = self._new_task(order, model, family, exchange.caller)
        try:
            self._lifecycle.submit(task, lambda: _render_order(order))
        except DuplicateTask as duplicate:
            raise KlingError(1201, "external_task_id is used by another task") from duplicate
        except TooManyTasks as full:
            raise KlingError(1303) from full
        exchange.task = task
        return _receipt(task)

    def _new_task(self, order: VideoOrder, model: Model, family: str, caller: str | None) -> Task:
        return Task(
            provider=self.name,
            task_id=str(secrets.randbelow(9 * 10**17) + 10**17),
            family=family,
            model=order.model_name,
            prompt=order.prompt or "",
            inputs=_inputs(order),
            due_seconds=self._config.generation_seconds,
            caller=caller,
            external_task_id=order.external_task_id or None,
            callback_url=order.callback_url,
            cost_units=round(model.units[order.mode] * int(order.duration), 2),
        )

    def _poll(self, exchange: Exchange) -> object:
        if exchange.task is None:
            raise KlingError(1203, "task not found")
        self._lifecycle.polled(exchange.task)
        return describe(exchange.task)

    def _list(self, exchange: Exchange) -> object:
        page = _number(exchange.request.args, "pageNum", 1, 1000)
        size = _number(exchange.request.args, "pageSize", 30, 500)
        family = _parts(exchange.path)[0]
        tasks = [task for task in self._lifecycle.tasks.listing(self.name) if task.family == family]
        newest_first = tasks[::-1]
        return [describe(task) for task in newest_first[(page - 1) * size : page * size]]

    def _task(self, path: str) -> Task | None:
        family, task_id = _parts(path)
        task = self._lifecycle.tasks.find(self.name, task_id)
        return task if task and task.family == family else None


def describe(task: Task) -> dict[str, object]:
    """The data object of a task, in a poll's answer and as the body of a webhook."""
    return {
        **_receipt(task),
        "task_status_msg": task.message,
        "final_unit_deduction": f"{task.cost_units if task.status is Status.SUCCEEDED else 0:g}",
        "task_result": {} if task.status is not Status.SUCCEEDED else {"videos": [_video(task)]},
    }


def _receipt(task: Task) -> dict[str, object]:
    return {
        "task_id": task.task_id,
        "task_status": _WORDS[task.status],
        "task_info": {"external_task_id": task.external_task_id},
        "created_at": task.submitted_ms,
        "updated_at": task.updated_ms,
    }


def _video(task: Task) -> dict[str, object]:
    watermarked = task.result_url if task.inputs.get("watermark") else ""
    tenths = math.ceil(task.result_seconds * 10)
    return {
        "id": f"v{task.task_id}",
        "url": task.result_url,
        "watermark_url": watermarked,
        "duration": f"{tenths / 10:g}",
    }


def _inputs(order: VideoOrder) -> dict[str, object]:
    fields = {name: getattr(order, name, None) for name in _INPUT_FIELDS}
    watermark = order.watermark_info is not None and order.watermark_info.enabled
    pictures = {name: bool(getattr(order, name, None)) for name in ("image", "image_tail")}
    return {**fields, **pictures, "watermark": watermark}


def _render_order(order: VideoOrder) -> RenderOrder:
    image = order.image if isinstance(order, ImageOrder) else None
    tail = order.image_tail if isinstance(order, ImageOrder) else None
    return RenderOrder(
        prompt=order.prompt or "",
        seconds=int(order.duration),
        sound=order.sound == "on",
        first=load_picture(image) if image else None,
        last=load_picture(tail) if tail else None,
        aspect_ratio=order.aspect_ratio if isinstance(order, TextOrder) else "16:9",
    )


def _parts(path: str) -> tuple[str, str]:
    family, _, task_id = path.removeprefix("v1/videos/").partition("/")
    return (family, task_id) if path.startswith("v1/videos/") else ("", "")


def _number(arguments: MultiDict[str, str], name: str, usual: int, most: int) -> int:
    text = arguments.get(name, str(usual))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise KlingError(1201, f"{name} value '{text}' is invalid")
    return int(text)


def _success(data: object) -> Response:
    request_id = str(uuid.uuid4())
    return json_response({"code": 0, "message": "SUCCEED", "request_id": request_id, "data": data})


def _failure(error: KlingError) -> Response:
    body = {"code": error.code, "message": error.text, "request_id": str(uuid.uuid4())}
    return json_response(body, error.status)
