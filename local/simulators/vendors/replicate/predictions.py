"""Replicate's HTTP API: predictions of models, created by the model's name or its version.

Pictures are fetched after a prediction was accepted, so a bad one fails it. Input, output and logs
are deleted an hour after the end.
"""

import re
import secrets
from datetime import UTC, datetime

from werkzeug.wrappers import Response

from local.simulators.faults import Fault
from local.simulators.lifecycle import Voice
from local.simulators.tasks import Status, Task, TooManyTasks
from local.simulators.vendors.base import Exchange, Ground
from local.simulators.vendors.replicate.errors import (
    FAILURE_TEXTS,
    FAULT_STATUSES,
    ReplicateError,
    invalid,
    throttled,
)
from local.simulators.vendors.replicate.inputs import read_input
from local.simulators.vendors.replicate.models import MODELS
from local.simulators.vendors.replicate.requests import (
    Create,
    deadline_seconds,
    read_create,
    wait_seconds,
)
from local.simulators.wire import json_response

_HOUR_SECONDS = 3600.0
_PAGE_SIZE = 100
_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH = 26
_CALLS = (
    ("submit", "POST", re.compile("v1/(?:models/[^/]+/[^/]+/)?predictions")),
    ("list", "GET", re.compile("v1/predictions")),
    ("poll", "GET", re.compile("v1/predictions/[^/]+")),
    ("cancel", "POST", re.compile("v1/predictions/[^/]+/cancel")),
    ("model", "GET", re.compile("v1/models/[^/]+/[^/]+")),
    ("account", "GET", re.compile("v1/account")),
    ("secret", "GET", re.compile("v1/webhooks/default/secret")),
)
_ACCOUNT = {
    "type": "organization",
    "username": "showreel",
    "name": "Showreel",
    "github_url": "https://github.com/showreel",
}
_WORDS = {
    Status.QUEUED: "starting",
    Status.RUNNING: "processing",
    Status.SUCCEEDED: "succeeded",
    Status.FAILED: "failed",
    Status.CANCELED: "canceled",
    Status.ABORTED: "aborted",
}


class Replicate:
    """The vendor as its customers see it."""

    name = "replicate"
    operations = frozenset({"submit", "poll", "cancel", "result", "webhook"})

    def __init__(self, ground: Ground) -> None:
        self._config = ground.config
        self._lifecycle = ground.lifecycle
        voice = Voice(
            describe=self._prediction,
            failure_text=FAILURE_TEXTS.__getitem__,
            webhook_secret=lambda: self._config.secrets.get("replicate_webhook_secret"),
            is_announced=_is_announced,
            retention_seconds=_HOUR_SECONDS,
            refused_later=frozenset({"content_policy"}),
        )
        self._lifecycle.introduce(self.name, voice)

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call."""
        found = (name for name, verb, form in _CALLS if verb == method and form.fullmatch(path))
        return next(found, "unknown")

    def recognise(self, exchange: Exchange) -> None:
        """Fill in the prediction that the call is about, or the prompt that is submitted."""
        if exchange.operation in ("poll", "cancel"):
            task_id = exchange.path.split("/")[2]
            exchange.task = self._lifecycle.tasks.find(self.name, task_id)
            exchange.prompt = exchange.task.prompt if exchange.task else ""
        elif exchange.operation == "submit":
            body = exchange.request.get_json(force=True, silent=True)
            given = body.get("input") if isinstance(body, dict) else None
            prompt = given.get("prompt") if isinstance(given, dict) else None
            exchange.prompt = prompt if isinstance(prompt, str) else ""

    def answer(self, exchange: Exchange) -> Response:
        """Do what the request asks, or say why not in the vendor's form."""
        try:
            self._check_access(exchange)
            return self._respond(exchange)
        except ReplicateError as error:
            return error.response()

    def refusal(self, fault: Fault) -> Response:
        """Returns the vendor's own error; `Retry-After` only if the order has one."""
        match fault.fault:
            case "invalid_input":
                error = invalid([("required", "input", "prompt is required")])
            case "rate_limited":
                error = throttled(fault.retry_after)
            case other:
                error = ReplicateError(FAULT_STATUSES[other])
        response = error.response()
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response

    def word(self, task: Task) -> str:
        """Returns the vendor's word for the task's status."""
        return _WORDS[task.status]

    def _check_access(self, exchange: Exchange) -> None:
        scheme, _, token = exchange.request.headers.get("Authorization", "").partition(" ")
        expected = self._config.secrets.get("replicate_api_token")
        if not (expected and scheme == "Bearer" and token == expected):
            raise ReplicateError(401)

    def _respond(self, exchange: Exchange) -> Response:
        match exchange.operation:
            case "submit":
                return self._submit(exchange)
            case "poll":
                return self._poll(exchange)
            case "cancel":
                return self._cancel(exchange)
            case "list":
                return json_response(self._page(exchange))
            case "model":
                return self._model(exchange)
            case "account" | "secret":
                return self._of_account(exchange.operation)
        raise ReplicateError(404)

    def _submit(self, exchange: Exchange) -> Response:
        parts = exchange.path.split("/")
        model_name = "/".join(parts[2:4]) if parts[1] == "models" else None
        gone = self._config.gone_models or []
        create = read_create(exchange.request, model_name, gone)
        task = self._accept(create, exchange)
        exchange.task = task
        patience_seconds = wait_seconds(exchange.request)
        self._lifecycle.tasks.wait_for_end(task, patience_seconds)
        is_unfinished = patience_seconds > 0 and task.is_open
        return json_response(self._prediction(task), 202 if is_unfinished else 201)

    def _accept(self, create: Create, exchange: Exchange) -> Task:
        checked = read_input(create.model.kind, create.input)
        deadline = deadline_seconds(exchange.request)
        task = self._new_task(create, exchange)
        try:
            self._lifecycle.submit(task, checked.order)
        except TooManyTasks as full:
            raise throttled(None) from full
        if deadline is not None:
            self._lifecycle.expire(task, deadline)
        return task

    def _new_task(self, create: Create, exchange: Exchange) -> Task:
        return Task(
            provider=self.name,
            task_id="".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH)),
            family=create.version,
            model=create.model.name,
            prompt=exchange.prompt,
            inputs=create.input,
            due_seconds=self._config.generation_seconds,
            caller=exchange.caller,
            callback_url=create.webhook,
            callback_events=create.events,
        )

    def _poll(self, exchange: Exchange) -> Response:
        if exchange.task is None:
            raise ReplicateError(404)
        self._lifecycle.polled(exchange.task)
        return json_response(self._prediction(exchange.task))

    def _cancel(self, exchange: Exchange) -> Response:
        if exchange.task is None:
            raise ReplicateError(404)
        self._lifecycle.cancel(exchange.task)
        return json_response(self._prediction(exchange.task))

    def _page(self, exchange: Exchange) -> dict[str, object]:
        """Returns a hundred, the newest first; a cursor is the place of the first one on
        its page.
        """
        cursor = exchange.request.args.get("cursor", "0")
        start = int(cursor) if cursor.isascii() and cursor.isdecimal() else 0
        newest_first = self._lifecycle.tasks.listing(self.name)[::-1]
        end = start + _PAGE_SIZE
        return {
            "previous": self._link(max(start - _PAGE_SIZE, 0)) if start else None,
            "next": self._link(end) if end < len(newest_first) else None,
            "results": [self._prediction(task) for task in newest_first[start:end]],
        }

    def _link(self, place: int) -> str:
        return f"{self._address()}?cursor={place}"

    def _address(self) -> str:
        return f"{self._config.base_url}/{self.name}/v1/predictions"

    def _model(self, exchange: Exchange) -> Response:
        name = "/".join(exchange.path.split("/")[2:4])
        if name not in MODELS or name in (self._config.gone_models or []):
            raise ReplicateError(404)
        return json_response(MODELS[name].page())

    def _of_account(self, what: str) -> Response:
        if what == "account":
            return json_response(_ACCOUNT)
        key = self._config.secrets.get("replicate_webhook_secret")
        if not key:
            raise ReplicateError(404)
        return json_response({"key": key})

    def _prediction(self, task: Task) -> dict[str, object]:
        is_removed = self._lifecycle.is_removed(task)
        is_done = task.status is Status.SUCCEEDED and not is_removed
        address = f"{self._address()}/{task.task_id}"
        return {
            "id": task.task_id,
            "model": task.model,
            "version": task.family,
            "input": {} if is_removed else task.inputs,
            "logs": "Generating video...\n" if task.started_ms and not is_removed else "",
            "output": task.result_url if is_done else None,
            "data_removed": is_removed,
            "error": task.message or None,
            "status": _WORDS[task.status],
            "source": "api",
            "created_at": _when(task.submitted_ms),
            "started_at": _when(task.started_ms),
            "completed_at": _when(task.finished_ms),
            "metrics": _metrics(task),
            "urls": {
                "get": address,
                "cancel": f"{address}/cancel",
                "web": f"https://replicate.com/p/{task.task_id}",
            },
        }


def _is_announced(task: Task) -> bool:
    if task.is_open:
        return task.status is Status.RUNNING and "start" in task.callback_events
    return "completed" in task.callback_events


def _metrics(task: Task) -> dict[str, float]:
    if task.finished_ms is None:
        return {}
    ran_ms = task.finished_ms - (task.started_ms or task.finished_ms)
    total_ms = task.finished_ms - task.submitted_ms
    return {"predict_time": ran_ms / 1000, "total_time": total_ms / 1000}


def _when(time_ms: int | None) -> str | None:
    if time_ms is None:
        return None
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
