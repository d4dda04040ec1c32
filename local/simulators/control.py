"""`/_sim`: how tests order faults, change settings and see what the vendors saw."""

from collections import deque
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, replace

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.wrappers import Request, Response

from local.simulators.config import SimulatorConfig
from local.simulators.faults import Fault, FaultBook
from local.simulators.request_log import RequestLog, shortened
from local.simulators.tasks import Task, TaskBook
from local.simulators.vendors.base import Vendor
from local.simulators.webhooks import Webhooks
from local.simulators.wire import json_response

KEPT = 100
"""How many requests the receiver of webhooks remembers."""


class Settings(BaseModel):
    """What may change while the simulators run; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    generation_seconds: float = Field(default=1.5, ge=0)
    concurrency: int | None = Field(default=None, ge=0)
    gone_models: list[str] | None = None
    retention_seconds: float | None = Field(default=None, ge=0)
    text_delay_seconds: float = Field(default=0.02, ge=0)
    webhook_retry_seconds: list[float] = Field(default_factory=list, max_length=20)


class Control:
    """Answers everything under `/_sim`."""

    def __init__(
        self,
        config: SimulatorConfig,
        vendors: Mapping[str, Vendor],
        faults: FaultBook,
        log: RequestLog,
        tasks: TaskBook,
        webhooks: Webhooks,
        reset: Callable[[], None],
    ) -> None:
        self._config = config
        self._initial = replace(config)
        self._vendors = vendors
        self._faults = faults
        self._log = log
        self._tasks = tasks
        self._webhooks = webhooks
        self._reset = reset
        self._kept: deque[dict[str, object]] = deque(maxlen=KEPT)
        self._routes: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("POST", "faults"): self._add_fault,
            ("GET", "faults"): self._list_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "requests"): self._list_requests,
            ("GET", "tasks"): self._list_tasks,
            ("GET", "webhooks"): self._list_webhooks,
            ("POST", "sink"): self._keep,
            ("GET", "sink"): self._list_kept,
            ("POST", "settings"): self._change_settings,
            ("GET", "settings"): self._show_settings,
            ("DELETE", ""): self._forget_everything,
        }

    def answer(self, request: Request, path: str) -> Response:
        """Returns the answer in JSON; 400 says what is wrong with an order, 404 is no
        such path.
        """
        handle = self._routes.get((request.method, path.strip("/")))
        if handle is None:
            return json_response({"error": "no such control"}, 404)
        try:
            return handle(request)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False, include_input=False)
            return json_response({"error": problems}, 400)

    def _add_fault(self, request: Request) -> Response:
        fault = Fault.model_validate_json(request.get_data())
        vendor = self._vendors.get(fault.provider)
        if vendor is None or fault.operation not in vendor.operations:
            known = {name: sorted(known.operations) for name, known in self._vendors.items()}
            return json_response({"error": "no such operation", "known": known}, 400)
        return json_response({"id": self._faults.add(fault), **fault.model_dump()}, 201)

    def _list_faults(self, _: Request) -> Response:
        return json_response({"faults": self._faults.listing()})

    def _clear_faults(self, _: Request) -> Response:
        self._faults.clear()
        return json_response({"faults": []})

    def _list_requests(self, request: Request) -> Response:
        """Returns how often something was tried: `?operation=submit&prompt_contains=kitchen`."""
        found = self._log.listing(
            request.args.get("provider"),
            request.args.get("operation"),
            request.args.get("prompt_contains", ""),
        )
        return json_response({"requests": found})

    def _list_tasks(self, request: Request) -> Response:
        """Returns what was accepted: `?prompt_contains=kitchen`; with `&streamed=1` how a text was
        streamed.
        """
        words = request.args.get("prompt_contains", "")
        tasks = self._tasks.listing(request.args.get("provider"), words)
        left_out = set() if request.args.get("streamed") else {"streamed"}
        return json_response({"tasks": [self._row(task, left_out) for task in tasks]})

    def _row(self, task: Task, left_out: AbstractSet[str]) -> dict[str, object]:
        shown = {name: of for name, of in asdict(task).items() if name not in left_out}
        word = self._vendors[task.provider].word(task)
        inputs = shortened(task.inputs)
        return {**shown, "inputs": inputs, "state": task.status.value, "status": word}

    def _list_webhooks(self, _: Request) -> Response:
        return json_response({"webhooks": self._webhooks.listing()})

    def _keep(self, request: Request) -> Response:
        """Is a customer's receiver of webhooks, which takes whatever comes."""
        body = request.get_data(as_text=True)
        self._kept.append({"headers": dict(request.headers), "body": body})
        return Response(status=204)

    def _list_kept(self, _: Request) -> Response:
        return json_response({"received": list(self._kept)})

    def _change_settings(self, request: Request) -> Response:
        changes = Settings.model_validate_json(request.get_data())
        for name in changes.model_fields_set:
            setattr(self._config, name, getattr(changes, name))
        return self._show_settings(request)

    def _show_settings(self, _: Request) -> Response:
        names = Settings.model_fields
        return json_response({name: getattr(self._config, name) for name in names})

    def _forget_everything(self, request: Request) -> Response:
        for name in Settings.model_fields:
            setattr(self._config, name, getattr(self._initial, name))
        self._reset()
        return self._show_settings(request)
