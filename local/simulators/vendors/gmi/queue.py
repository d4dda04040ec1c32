"""GMI Cloud's request queue: an envelope of model and payload, and records of what came of it.

A create is answered with a record without its input; read again it has that, and an outcome when
there is one. Texts and codes are those that public clients report.
"""

import re
import uuid
from typing import Any

from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.sounds import Sounds
from local.simulators.tasks import Status, Task, TooManyTasks
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.gmi.access import FAILURE_TEXTS, NAME, VOICE, WORDS, has_key
from local.simulators.vendors.gmi.models import Family, family_of, listed, page
from local.simulators.vendors.gmi.orders import OrderRefused, Workshop, read_order
from local.simulators.wire import json_response

FAMILY = "queue"
_BASE = "api/v1/ie/requestqueue/apikey"
_CALLS = (
    ("submit", "POST", re.compile(f"{_BASE}/requests")),
    ("list", "GET", re.compile(f"{_BASE}/requests")),
    ("poll", "GET", re.compile(f"{_BASE}/requests/([^/]+)")),
    ("models", "GET", re.compile(f"{_BASE}/models")),
    ("model", "GET", re.compile(f"{_BASE}/models/([^/]+)")),
)
_PATIENCE_SECONDS = 30.0
_BUSY = "Upstream capacity temporarily exhausted"
_REFUSALS = {
    "rate_limited": (429, "rate limit exceeded"),
    "server_error": (503, _BUSY),
    "auth": (401, "invalid api key"),
    "quota": (402, "insufficient balance"),
    "invalid_input": (400, "Invalid payload parameters: duration is not one of allowed options"),
    "model_gone": (404, "model not found"),
    "gateway_timeout": (504, "gateway timeout"),
}


class GmiError(Exception):
    """A refused call."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)

    def response(self) -> Response:
        """Returns the answer; a server that is busy says so in plain text."""
        if self.status == 503:
            return Response(str(self), 503, content_type="text/plain; charset=utf-8")
        return json_response({"error": str(self)}, self.status)


class Gmi:
    """The vendor as those see it who want media."""

    name = NAME
    operations = frozenset({"submit", "poll", "result"})

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._lifecycle = ground.lifecycle
        self._lifecycle.introduce(self.name, VOICE)
        self._workshop = Workshop(ground.config.data_dir / "pictures", Sounds(ground.config))

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        found = (name for name, verb, form in _CALLS if verb == method and form.fullmatch(path))
        return next(found, "unknown")

    def recognise(self, exchange: Exchange) -> None:
        """Fill in the request that is read, or the prompt that is submitted."""
        if exchange.operation == "poll":
            task = self._lifecycle.tasks.find(self.name, exchange.path.rpartition("/")[2])
            exchange.task = task if task and task.family == FAMILY else None
            exchange.prompt = exchange.task.prompt if exchange.task else ""
        elif exchange.operation == "submit":
            exchange.prompt = _prompt(exchange.request.get_json(force=True, silent=True))

    def answer(self, exchange: Exchange) -> Response:
        """Do what the request asks, or say why not."""
        try:
            if not has_key(exchange, self._config.secrets):
                raise GmiError(401, "invalid api key")
            return json_response(self._answer(exchange))
        except OrderRefused as refusal:
            return GmiError(400, str(refusal)).response()
        except GmiError as error:
            return error.response()

    def refusal(self, fault: Fault) -> Response:
        """Returns the vendor's own error; `Retry-After` only if the order has one."""
        response = GmiError(*_REFUSALS[fault.fault]).response()
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response

    def word(self, task: Task) -> str:
        """Returns the vendor's word for the task's status."""
        return WORDS[task.status]

    def _answer(self, exchange: Exchange) -> dict[str, Any]:
        match exchange.operation:
            case "submit":
                return self._submit(exchange)
            case "poll":
                return self._poll(exchange)
            case "list":
                return {"requests": [self._record(task) for task in self._tasks(exchange)]}
            case "models":
                return {"model_ids": listed(self._gone())}
            case "model":
                name = exchange.path.rpartition("/")[2]
                return page(name, self._family(name))
        raise GmiError(404, "not found")

    def _submit(self, exchange: Exchange) -> dict[str, Any]:
        body = exchange.request.get_json(force=True, silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("model"), str):
            raise GmiError(400, "Invalid request body: model is missing")
        family = self._family(body["model"])
        order = read_order(body.get("payload"), family)
        task = self._new_task(body, exchange, family)
        try:
            self._lifecycle.submit(task, lambda: order.make(self._workshop))
        except TooManyTasks as full:
            raise GmiError(*_REFUSALS["rate_limited"]) from full
        exchange.task = task
        if family.is_instant:
            self._lifecycle.tasks.wait_for_end(task, _PATIENCE_SECONDS)
        return self._created(task)

    def _new_task(self, body: dict[str, Any], exchange: Exchange, family: Family) -> Task:
        return Task(
            provider=self.name,
            task_id=str(uuid.uuid4()),
            family=FAMILY,
            model=body["model"],
            prompt=exchange.prompt,
            inputs=body["payload"],
            due_seconds=self._config.generation_seconds,
            caller=exchange.caller,
            cost_units=family.price,
        )

    def _poll(self, exchange: Exchange) -> dict[str, Any]:
        if exchange.task is None:
            raise GmiError(404, "request not found")
        self._lifecycle.polled(exchange.task)
        return self._record(exchange.task)

    def _tasks(self, exchange: Exchange) -> list[Task]:
        model = exchange.request.args.get("model")
        found = self._lifecycle.tasks.listing(self.name)[::-1]
        return [task for task in found if task.family == FAMILY and model in (None, task.model)]

    def _family(self, model: str) -> Family:
        family = None if model in self._gone() else family_of(model)
        if family is None:
            raise GmiError(404, f"model not found: {model}")
        return family

    def _gone(self) -> frozenset[str]:
        return frozenset(self._config.gone_models or ())

    def _created(self, task: Task) -> dict[str, Any]:
        """Returns what a create is answered with: the whole record if there is an outcome."""
        if not task.is_open:
            return self._record(task)
        names = ("request_id", "model", "created_at", "updated_at", "queued_at")
        record = self._record(task)
        return {**{name: record[name] for name in names}, "status": "dispatched"}

    def _record(self, task: Task) -> dict[str, Any]:
        created = task.submitted_ms // 1000
        return {
            "request_id": task.task_id,
            "org_id": "org-local",
            "user_id": "user-local",
            "model": task.model,
            "status": WORDS[task.status],
            "is_public": False,
            "payload": task.inputs,
            "outcome": self._outcome(task),
            "created_at": created,
            "updated_at": task.updated_ms // 1000,
            "queued_at": created,
        }

    def _outcome(self, task: Task) -> dict[str, Any] | None:
        """Returns the files; a video is shown by a small picture too."""
        if task.status is Status.FAILED:
            return _failure(task)
        if task.result_url is None:
            return None
        family = family_of(task.model)
        if family and family.kind == "element":
            return {"element_id": task.task_id.replace("-", "")[:18]}
        if family and family.kind == "video" and "veo" in task.model.lower():
            return {"video_url": task.result_url, "thumbnail_image_url": self._thumbnail(task)}
        files = [{"id": "0", "url": task.result_url}]
        is_seen = family is not None and family.kind in ("video", "picture")
        shown = {"thumbnail_image_url": self._thumbnail(task)} if is_seen else {}
        return {"media_urls": files, **shown}

    def _thumbnail(self, task: Task) -> str:
        """Returns its address; it is drawn when it is first asked for."""
        if "thumbnail" not in task.facts:
            path = self._workshop.thumbnail(task.prompt)
            task.facts["thumbnail"] = self._lifecycle.publish(task, path)
        return str(task.facts["thumbnail"])


def _prompt(body: object) -> str:
    payload = body.get("payload") if isinstance(body, dict) else None
    names = ("prompt", "text", "element_name")
    texts = [payload.get(name) for name in names] if isinstance(payload, dict) else []
    return next((text for text in texts if isinstance(text, str)), "")


def _failure(task: Task) -> dict[str, Any]:
    if task.message == FAILURE_TEXTS["content_policy"]:
        return {"error": "The content was refused", "error_code": task.message}
    return {"error": task.message, "error_code": "generation_failed"}
