"""Kling's second standard: the model in the path, `/tasks` for every sort of task, API keys only.

Pictures given by address are fetched after the task was accepted, as in the first standard. Tasks
of the first one are not listed here; whether the vendor does so is not known. Whatever resolution
is ordered and paid, 720p is delivered, because a larger one takes longer to render.
"""

from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.pictures import load_picture
from local.simulators.rendering import RenderOrder
from local.simulators.tasks import Task
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.kling import account, speech
from local.simulators.vendors.kling.access import access_problem
from local.simulators.vendors.kling.errors import KlingError
from local.simulators.vendors.kling.task_models import TaskModel
from local.simulators.vendors.kling.task_orders import ImageTask, TextTask, read_task

_TASKS = "tasks"
_IDS = ("task_ids", "external_task_ids")


class KlingTasks:
    """The vendor as customers of the second standard see it."""

    name = speech.NAME
    operations = frozenset({"submit", "poll", "result", "webhook"})

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._lifecycle = ground.lifecycle
        self._lifecycle.introduce(self.name, speech.voice(ground.config))

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        if method == "GET" and path == _TASKS:
            return "poll"
        family, model = _parts(path)
        is_order = method == "POST" and family in speech.SECOND_FAMILIES and model
        return "submit" if is_order else "unknown"

    def recognise(self, exchange: Exchange) -> None:
        """Fill in the tasks that are asked for, or the prompt that is submitted."""
        if exchange.operation == "poll":
            tasks = self._asked_for(exchange)
            exchange.task = tasks[0] if tasks else None
            exchange.prompt = "\n".join(task.prompt for task in tasks)
        elif exchange.operation == "submit":
            exchange.prompt = _prompt(exchange.request.get_json(force=True, silent=True))

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
        authorization = exchange.request.headers.get("Authorization", "")
        problem = access_problem(authorization, self._config.secrets, takes_tokens=False)
        if problem is not None:
            raise KlingError(problem)
        return self._submit(exchange) if exchange.operation == "submit" else self._poll(exchange)

    def _submit(self, exchange: Exchange) -> object:
        family, name = _parts(exchange.path)
        gone = self._config.gone_models
        order = read_task(family, exchange.request.get_data(cache=True))
        model = order.check(name, () if gone is None else gone)
        task = self._new_task(order, model, exchange)
        sound = order.has_sound(model)
        account.accept(self._lifecycle, task, lambda: _render_order(order, sound=sound))
        exchange.task = task
        return speech.receipt(task)

    def _new_task(self, order: TextTask | ImageTask, model: TaskModel, exchange: Exchange) -> Task:
        family, name = _parts(exchange.path)
        options = order.options
        return Task(
            provider=self.name,
            task_id=account.new_task_id(),
            family=family,
            model=name,
            prompt=order.text,
            inputs=_inputs(order),
            due_seconds=self._config.generation_seconds,
            caller=exchange.caller,
            external_task_id=options.external_task_id or None,
            callback_url=options.callback_url or None,
            cost_units=order.units(model),
        )

    def _poll(self, exchange: Exchange) -> object:
        if sum(name in exchange.request.args for name in _IDS) != 1:
            raise KlingError(1201, "either task_ids or external_task_ids is required")
        tasks = self._asked_for(exchange)
        for task in tasks:
            self._lifecycle.polled(task)
        return [speech.describe(task) for task in tasks]

    def _asked_for(self, exchange: Exchange) -> list[Task]:
        """Returns the known ones of the ids, of either sort; unknown ids are left out."""
        arguments = exchange.request.args
        wanted = [
            (name == _IDS[0], one)
            for name in _IDS
            for one in arguments.get(name, "").split(",")
            if one
        ]
        found = [self._task(one, is_own=is_own) for is_own, one in wanted]
        return [task for task in found if task]

    def _task(self, one: str, *, is_own: bool) -> Task | None:
        task = self._lifecycle.tasks.find(self.name, one)
        if task is None or task.family not in speech.SECOND_FAMILIES:
            return None
        return task if one == (task.task_id if is_own else task.external_task_id) else None


def _parts(path: str) -> tuple[str, str]:
    family, _, model = path.partition("/")
    return family, model


def _prompt(body: object) -> str:
    if not isinstance(body, dict):
        return ""
    contents = body.get("contents")
    texts = [
        each.get("text")
        for each in (contents if isinstance(contents, list) else [])
        if isinstance(each, dict) and each.get("type") == "prompt"
    ]
    prompt = next(iter(texts), body.get("prompt"))
    return prompt if isinstance(prompt, str) else ""


def _inputs(order: TextTask | ImageTask) -> dict[str, object]:
    pictures = {name: bool(order.frame(name)) for name in ("first_frame", "last_frame")}
    watermark = order.options.watermark_info.enabled
    return {**order.settings.model_dump(), **pictures, "watermark": watermark}


def _render_order(order: TextTask | ImageTask, *, sound: bool) -> RenderOrder:
    first, last = order.frame("first_frame"), order.frame("last_frame")
    return RenderOrder(
        prompt=order.text,
        seconds=order.settings.duration,
        sound=sound,
        first=load_picture(first) if first else None,
        last=load_picture(last) if last else None,
        aspect_ratio=order.settings.aspect_ratio,
    )
