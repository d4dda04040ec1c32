"""Google's long-running protocol, which Veo is ordered by: an operation is made and asked for."""

import re

from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.tasks import Status, Task, TooManyTasks
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.google.errors import (
    RPC_FAULTS,
    RPC_STATUSES,
    RpcError,
    rpc_response,
)
from local.simulators.vendors.google.tasks import (
    NAME,
    SWITCHED_OFF,
    VEO,
    VOICE,
    WORDS,
    file_url,
    has_key,
    new_name,
    was_blocked,
)
from local.simulators.vendors.google.veo_orders import MODELS, Model, VeoOrder, read_order
from local.simulators.wire import json_response

_CREATE = re.compile(r"v1beta/models/([^/:]+):predictLongRunning\Z")
_OPERATION = re.compile(r"v1beta/models/([^/:]+)/operations/([^/:]+)\Z")


class GoogleVeo:
    """The vendor as customers of Veo see it."""

    name = NAME
    operations = frozenset({"submit", "poll", "result", "cancel"})

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._lifecycle = ground.lifecycle
        self._lifecycle.introduce(self.name, VOICE)

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        if method == "POST" and _CREATE.match(path):
            return "submit"
        return "poll" if method == "GET" and _OPERATION.match(path) else "unknown"

    def recognise(self, exchange: Exchange) -> None:
        """Fill in the task that is polled, or the prompt that is submitted."""
        if found := _OPERATION.match(exchange.path):
            task = self._lifecycle.tasks.find(self.name, found[2])
            exchange.task = task if task and (task.family, task.model) == (VEO, found[1]) else None
            exchange.prompt = exchange.task.prompt if exchange.task else ""
        elif exchange.operation == "submit":
            exchange.prompt = _prompt(exchange.request.get_json(force=True, silent=True))

    def answer(self, exchange: Exchange) -> Response:
        """Do what the request asks, or say why not in the vendor's form."""
        try:
            return json_response(self._answer(exchange))
        except RpcError as error:
            return rpc_response(error)

    def refusal(self, fault: Fault) -> Response:
        """Returns the vendor's own error; when to come back is in its body."""
        return rpc_response(RpcError(*RPC_FAULTS[fault.fault]), fault.retry_after)

    def word(self, task: Task) -> str:
        """Returns the vendor's word for the task's status."""
        return WORDS[task.status]

    def _answer(self, exchange: Exchange) -> dict[str, object]:
        check_key(exchange, self._config.secrets)
        if exchange.operation == "submit":
            return self._submit(exchange)
        if exchange.operation != "poll" or exchange.task is None:
            raise RpcError("NOT_FOUND", "Requested entity was not found.")
        self._lifecycle.polled(exchange.task)
        return _operation(exchange.task, self._config.base_url)

    def _submit(self, exchange: Exchange) -> dict[str, object]:
        found = _CREATE.match(exchange.path)
        name = found[1] if found else ""
        model = self._model(name)
        order = read_order(exchange.request.get_data(cache=True))
        order.check(model)
        task = self._new_task(order, name, model, exchange.caller)
        try:
            self._lifecycle.submit(task, order.render_order)
        except TooManyTasks as full:
            raise RpcError("RESOURCE_EXHAUSTED", "Too many operations at once") from full
        exchange.task = task
        return {"name": _name(task)}

    def _model(self, name: str) -> Model:
        gone = SWITCHED_OFF if self._config.gone_models is None else self._config.gone_models
        if name in gone or name not in MODELS:
            text = f"models/{name} is not found for API version v1beta"
            raise RpcError("NOT_FOUND", f"{text}, or is not supported for predictLongRunning.")
        return MODELS[name]

    def _new_task(self, order: VeoOrder, name: str, model: Model, caller: str | None) -> Task:
        inputs = order.model_dump(exclude={"instances": {"__all__": {"prompt"}}})
        return Task(
            provider=self.name,
            task_id=new_name(),
            family=VEO,
            model=name,
            prompt=order.instances[0].prompt,
            inputs=inputs,
            due_seconds=self._config.generation_seconds,
            caller=caller,
            cost_units=round(model.price * order.parameters.duration_seconds, 2),
        )


def check_key(exchange: Exchange, keys: dict[str, str]) -> None:
    """Raises RpcError for a request with a wrong key or none."""
    request = exchange.request
    if has_key(request, keys):
        return
    if request.headers.get("x-goog-api-key") or request.args.get("key"):
        text = "API key not valid. Please pass a valid API key."
        raise RpcError("INVALID_ARGUMENT", text, reason="API_KEY_INVALID")
    raise RpcError("PERMISSION_DENIED", "Method doesn't allow unregistered callers")


def _prompt(body: object) -> str:
    instances = body.get("instances") if isinstance(body, dict) else None
    first = instances[0] if isinstance(instances, list) and instances else None
    prompt = first.get("prompt") if isinstance(first, dict) else None
    return prompt if isinstance(prompt, str) else ""


def _name(task: Task) -> str:
    return f"models/{task.model}/operations/{task.task_id}"


def _operation(task: Task, base_url: str) -> dict[str, object]:
    """Returns the operation; it has no `done` before its end."""
    if task.is_open:
        return {"name": _name(task)}
    done = {"name": _name(task), "done": True}
    if task.status is not Status.SUCCEEDED and not was_blocked(task):
        return {**done, "error": {"code": RPC_STATUSES["INTERNAL"][1], "message": task.message}}
    kind = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse"
    result = _filtered(task) if was_blocked(task) else _samples(task, base_url)
    return {**done, "response": {"@type": kind, "generateVideoResponse": result}}


def _samples(task: Task, base_url: str) -> dict[str, object]:
    return {"generatedSamples": [{"video": {"uri": file_url(base_url, task)}}]}


def _filtered(task: Task) -> dict[str, object]:
    return {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [task.message]}
