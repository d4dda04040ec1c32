"""fal's queue: requests to models by name, their status by polls or as a stream, their results.

The queue takes whatever is sent to an app that there is. What is wrong with the input is found by
the model, so there is no failed status: a request is completed, and its result is the error.
"""

import json
import re
import secrets
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.lifecycle import Voice
from local.simulators.rendering import Rendered, RenderOrder
from local.simulators.sounds import Sounds
from local.simulators.tasks import Status, Task, TooManyTasks
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.fal import inputs as reading
from local.simulators.vendors.fal.compose import MODEL as COMPOSE
from local.simulators.vendors.fal.compose import compose
from local.simulators.vendors.fal.errors import (
    CANCELLED,
    CANCELLED_STATUS,
    FAILURES,
    FalError,
    error_response,
    failure_of,
    ordered,
)
from local.simulators.vendors.fal.keys import FalSigner
from local.simulators.vendors.fal.models import Model, app_of, find_model
from local.simulators.vendors.fal.outputs import output_of
from local.simulators.vendors.fal.pictures import save_picture
from local.simulators.wire import json_response

_NAME = r"[\w.-]+"
_REQUEST = rf"(?P<app>{_NAME}(?:/{_NAME}){{1,2}})/requests/(?P<id>[\w-]+)"
_NO_REQUEST = f"{_NAME}(?:/{_NAME}){{1,2}}/requests/{uuid.UUID(int=0)}/status"
"""A request that never was: who asks for it wants to know whether the queue answers."""
_CALLS = (
    ("health", "GET", re.compile(_NO_REQUEST)),
    ("keys", "GET", re.compile(r"\.well-known/jwks\.json")),
    ("poll", "GET", re.compile(rf"{_REQUEST}/status")),
    ("stream", "GET", re.compile(rf"{_REQUEST}/status/stream")),
    ("response", "GET", re.compile(_REQUEST)),
    ("cancel", "PUT", re.compile(rf"{_REQUEST}/cancel")),
    ("submit", "POST", re.compile(rf"{_NAME}(?:/{_NAME})+")),
)
_WORDS = {Status.QUEUED: "IN_QUEUE", Status.RUNNING: "IN_PROGRESS"}
_LOOK_SECONDS = 0.1


class Fal:
    """The vendor as its customers see it."""

    name = "fal"
    operations = frozenset({"submit", "poll", "cancel", "result", "webhook"})

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._lifecycle = ground.lifecycle
        self._sounds = Sounds(ground.config)
        self._signer = FalSigner()
        voice = Voice(
            describe=self._notice,
            failure_text=FAILURES.__getitem__,
            webhook_secret=lambda: self._signer,
            is_announced=lambda task: not task.is_open,
            refused_later=frozenset({"content_policy", "invalid_input"}),
        )
        self._lifecycle.introduce(self.name, voice)

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        found = (name for name, verb, form in _CALLS if verb == method and form.fullmatch(path))
        return next(found, "unknown")

    def recognise(self, exchange: Exchange) -> None:
        """Fill in the request that the call is about, or the words that are submitted."""
        if exchange.operation == "submit":
            body = exchange.request.get_json(force=True, silent=True)
            exchange.prompt = reading.prompt_of(body)
        elif found := re.match(_REQUEST, exchange.path):
            task = self._lifecycle.tasks.find(self.name, found["id"])
            exchange.task = task if task and task.family == found["app"] else None
            exchange.prompt = exchange.task.prompt if exchange.task else ""

    def answer(self, exchange: Exchange) -> Response:
        """Do what the request asks, or say why not in the vendor's form."""
        try:
            if exchange.operation == "keys":
                return json_response(self._signer.published())
            self._check_access(exchange)
            if exchange.operation == "submit":
                return self._submit(exchange)
            return self._about(exchange, exchange.task)
        except FalError as error:
            return error.response()

    def refusal(self, fault: Fault) -> Response:
        """Returns the vendor's own error; `Retry-After` only if the order has one."""
        response = ordered(fault.fault).response()
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response

    def word(self, task: Task) -> str:
        """Returns the vendor's word for the request's status."""
        return _WORDS.get(task.status, "COMPLETED")

    def _check_access(self, exchange: Exchange) -> None:
        scheme, _, key = exchange.request.headers.get("Authorization", "").partition(" ")
        expected = self._config.secrets.get("fal_key")
        if not expected or scheme != "Key" or key != expected:
            raise ordered("auth")

    def _about(self, exchange: Exchange, task: Task | None) -> Response:
        if exchange.operation == "unknown":
            raise FalError(404, "Path not found")
        if task is None:
            return self._unknown(exchange)
        match exchange.operation:
            case "cancel":
                return self._cancel(task)
            case "response":
                return self._response(task)
            case "stream":
                return Response(
                    self._status_events(exchange, task), content_type="text/event-stream"
                )
        self._lifecycle.polled(task)
        status = self._status(exchange, task)
        return json_response(status, 202 if task.is_open else 200)

    def _unknown(self, exchange: Exchange) -> Response:
        if exchange.operation == "cancel":
            return json_response({"status": "NOT_FOUND"}, 404)
        raise FalError(404, "Request not found")

    def _submit(self, exchange: Exchange) -> Response:
        name = exchange.path
        model = find_model(name)
        if model is None or name in (self._config.gone_models or []):
            raise FalError(404, f'Application "{app_of(name)}" not found')
        inputs = exchange.request.get_json(force=True, silent=True)
        if not isinstance(inputs, dict):
            raise FalError(422, "Invalid JSON body")
        exchange.task = self._new_task(exchange, inputs)
        try:
            self._lifecycle.submit(exchange.task, self._work(exchange.task, model))
        except TooManyTasks as full:
            raise ordered("rate_limited") from full
        return json_response({"queue_position": 0, **self._identity(exchange, exchange.task)})

    def _new_task(self, exchange: Exchange, inputs: dict[str, object]) -> Task:
        return Task(
            provider=self.name,
            task_id=str(uuid.uuid4()),
            family=app_of(exchange.path),
            model=exchange.path,
            prompt=exchange.prompt,
            inputs=inputs,
            due_seconds=self._config.generation_seconds,
            caller=exchange.caller,
            callback_url=exchange.request.args.get("fal_webhook"),
        )

    def _work(self, task: Task, model: Model) -> Callable[[], RenderOrder | Rendered]:
        """Returns what the model does when its turn comes. Raises InputRefused then."""

        def work() -> RenderOrder | Rendered:
            reading.check_needs(model, task.inputs)
            if task.model == COMPOSE:
                folder = self._config.data_dir / "composed"
                return compose(task.inputs, folder, self._config.ffmpeg)
            match model.making:
                case "images":
                    return self._images(task)
                case "video":
                    return reading.clip_order(task.inputs, self._config.ffmpeg)
                case "text":
                    return self._transcript(task)
                case kind:
                    order = reading.sound_order(kind, task.inputs)
                    return Rendered(self._sounds.make(order), order.seconds)

        return work

    def _images(self, task: Task) -> Rendered:
        given = reading.picture_of(task.inputs, self._config.ffmpeg)
        size = reading.picture_size(task.inputs, given)
        seed = task.inputs.get("seed") or secrets.randbelow(2**31)
        task.facts.update(width=size[0], height=size[1], seed=seed)
        file_format = str(task.inputs.get("output_format", "jpeg"))
        folder = self._config.data_dir / "pictures"
        words = f"{task.prompt} {task.inputs.get('seed', '')}"
        first, *more = (
            save_picture(words, number, size, given, folder, file_format)
            for number in range(reading.picture_count(task.inputs))
        )
        return Rendered(first, 0.0, tuple(more))

    def _transcript(self, task: Task) -> Rendered:
        """A text is no file: it is in the answer, and the file is for nobody."""
        path = self._config.data_dir / "transcript.txt"
        path.write_text("A quiet room.\n")
        task.facts["text"] = "A quiet room."
        return Rendered(path, 0.0)

    def _cancel(self, task: Task) -> Response:
        if not task.is_open:
            return json_response({"status": "ALREADY_COMPLETED"}, 400)
        self._lifecycle.cancel(task)
        return json_response({"status": "CANCELLATION_REQUESTED"}, 202)

    def _response(self, task: Task) -> Response:
        """Returns the model's output, or its error."""
        if task.is_open:
            raise FalError(400, "Request is still in progress")
        status, body = _outcome(task)
        return json_response(body) if status == 200 else error_response(status, body)

    def _status_events(self, exchange: Exchange, task: Task) -> Iterator[bytes]:
        """Yields the status, whenever it has changed, up to the end."""
        tasks = self._lifecycle.tasks
        last = None
        while tasks.find(self.name, task.task_id) is task:
            status = json.dumps(self._status(exchange, task))
            if status != last:
                yield f"data: {status}\n\n".encode()
            if not task.is_open:
                return
            last = status
            tasks.wait_for_end(task, _LOOK_SECONDS)

    def _status(self, exchange: Exchange, task: Task) -> dict[str, object]:
        said = {**self._identity(exchange, task), "status": self.word(task)}
        if task.status is Status.QUEUED:
            return {**said, "queue_position": 0}
        wants_logs = exchange.request.args.get("logs", "").lower() in ("1", "true")
        said["logs"] = _logs(task) if wants_logs else None
        if task.is_open:
            return said
        ran_ms = (task.finished_ms or 0) - (task.started_ms or task.finished_ms or 0)
        said["metrics"] = {"inference_time": ran_ms / 1000}
        status, body = _outcome(task)
        if status != 200:
            said["error"] = "Request failed"
            said["error_type"] = body.get("error_type")
        return said

    def _identity(self, exchange: Exchange, task: Task) -> dict[str, object]:
        """Returns the request's id and addresses; each caller gets those under its
        own address.
        """
        caller = f"/_p/{exchange.caller}" if exchange.caller else ""
        url = f"{self._config.base_url}{caller}/{self.name}/{task.family}/requests/{task.task_id}"
        return {
            "status": self.word(task),
            "request_id": task.task_id,
            "gateway_request_id": task.task_id,
            "response_url": url,
            "status_url": f"{url}/status",
            "cancel_url": f"{url}/cancel",
        }

    def _notice(self, task: Task) -> dict[str, object]:
        """Returns the body of a webhook."""
        status, payload = _outcome(task)
        said: dict[str, object] = {
            "request_id": task.task_id,
            "gateway_request_id": task.task_id,
            "status": "OK" if status == 200 else "ERROR",
            "payload": payload,
        }
        if status != 200:
            said["error"] = f"Unexpected status code: {status}"
        return said


def _outcome(task: Task) -> tuple[int, dict[str, object]]:
    """Status and body of the result of a request that has ended."""
    if task.status is Status.SUCCEEDED:
        return 200, output_of(task)
    if task.status is Status.FAILED:
        return failure_of(task.message)
    return CANCELLED_STATUS, CANCELLED


def _logs(task: Task) -> list[dict[str, str]]:
    moment = datetime.fromtimestamp((task.started_ms or task.updated_ms) / 1000, UTC)
    line = {"message": "Generating...", "level": "INFO", "source": "USER"}
    return [{**line, "timestamp": moment.isoformat()}]
