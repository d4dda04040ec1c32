"""Kling's first standard: `/v1/videos/*` with the model in the body.

Pictures given by address are fetched after the task was accepted, so a bad one fails the task with
the reason in `task_status_msg`; pictures in base64 are checked at once.
"""

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.pictures import load_picture
from local.simulators.rendering import RenderOrder
from local.simulators.tasks import Task
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.kling import account, speech
from local.simulators.vendors.kling.access import access_problem
from local.simulators.vendors.kling.errors import KlingError
from local.simulators.vendors.kling.models import SWITCHED_OFF, Model
from local.simulators.vendors.kling.orders import ImageOrder, TextOrder, VideoOrder, read_order

_INPUT_FIELDS = ("mode", "duration", "sound", "aspect_ratio", "negative_prompt", "cfg_scale")


class Kling:
    """The vendor as customers of the first standard see it."""

    name = speech.NAME
    operations = frozenset({"submit", "poll", "result", "webhook"})

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._lifecycle = ground.lifecycle
        self._lifecycle.introduce(self.name, speech.voice(ground.config))

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        family, task_id = _parts(path)
        if family not in speech.FIRST_FAMILIES:
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
            return account.success(self._data(exchange))
        except KlingError as error:
            return account.failure(error)

    def refusal(self, fault: Fault) -> Response:
        """Returns the vendor's own error for an ordered fault."""
        return account.refusal(fault)

    def word(self, task: Task) -> str:
        """Returns the vendor's word for the task's status."""
        return speech.word(task)

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
        account.accept(self._lifecycle, task, lambda: _render_order(order))
        exchange.task = task
        return speech.receipt(task)

    def _new_task(self, order: VideoOrder, model: Model, family: str, caller: str | None) -> Task:
        return Task(
            provider=self.name,
            task_id=account.new_task_id(),
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
            raise KlingError(1201, "Task not found")
        self._lifecycle.polled(exchange.task)
        return speech.describe(exchange.task)

    def _list(self, exchange: Exchange) -> object:
        page = _number(exchange.request.args, "pageNum", 1, 1000)
        size = _number(exchange.request.args, "pageSize", 30, 500)
        family = _parts(exchange.path)[0]
        tasks = [task for task in self._lifecycle.tasks.listing(self.name) if task.family == family]
        newest_first = tasks[::-1]
        return [speech.describe(task) for task in newest_first[(page - 1) * size : page * size]]

    def _task(self, path: str) -> Task | None:
        family, task_id = _parts(path)
        task = self._lifecycle.tasks.find(self.name, task_id)
        return task if task and task.family == family else None


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
