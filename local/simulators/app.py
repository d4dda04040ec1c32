"""The WSGI application: finds the vendor, records the request, lets faults and the hook act."""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from local.simulators.config import DropReply, Phase, SimulatorConfig
from local.simulators.control import Control
from local.simulators.faults import CONNECTIONS, REFUSALS, FaultBook
from local.simulators.lifecycle import Lifecycle
from local.simulators.rendering import Rendering
from local.simulators.request_log import LoggedRequest, RequestLog, now_ms, shortened
from local.simulators.results import Results
from local.simulators.scheduler import Scheduler
from local.simulators.streams import cut_connection
from local.simulators.vendors.base import Exchange, Ground, Vendor
from local.simulators.vendors.elevenlabs.sounds import ElevenLabs
from local.simulators.vendors.fal.queue import Fal
from local.simulators.vendors.gmi.queue import Gmi
from local.simulators.vendors.gmi.text import GmiChat
from local.simulators.vendors.google.files import GoogleFiles
from local.simulators.vendors.google.interactions import GoogleInteractions
from local.simulators.vendors.google.text import GoogleText
from local.simulators.vendors.google.veo import GoogleVeo
from local.simulators.vendors.groq.text import Groq
from local.simulators.vendors.kling.tasks import KlingTasks
from local.simulators.vendors.kling.videos import Kling
from local.simulators.vendors.replicate.predictions import Replicate
from local.simulators.webhooks import Webhooks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_HANG_SECONDS = 60.0
_RESULT_ERRORS = {"rate_limited": 429, "server_error": 500, "auth": 403}


class SimulatorApp:
    """All simulators on one origin, with `/_sim` to steer and watch them.

    For a threaded WSGI server; `close` it when the server has stopped.
    """

    def __init__(self, config: SimulatorConfig) -> None:
        self._config = config
        self._closing = threading.Event()
        self._scheduler = Scheduler()
        self._faults = FaultBook()
        self._log = RequestLog()
        self.rendering = Rendering(config)
        self._results = Results(config, self._faults)
        self._webhooks = Webhooks(config, self._faults, self._scheduler)
        self._lifecycle = Lifecycle(
            config,
            self._faults,
            self._scheduler,
            self.rendering,
            self._results,
            self._webhooks,
        )
        ground = Ground(config, self._lifecycle, self._faults)
        self._forms: list[Vendor] = [
            Kling(ground),
            KlingTasks(ground),
            Replicate(ground),
            Fal(ground),
            GoogleVeo(ground),
            GoogleInteractions(ground),
            GoogleFiles(ground),
            GoogleText(ground),
            Groq(ground),
            Gmi(ground),
            GmiChat(ground),
            ElevenLabs(ground),
        ]
        self._vendors = {vendor.name: vendor for vendor in reversed(self._forms)}
        self._control = Control(
            config,
            self._vendors,
            self._faults,
            self._log,
            self._lifecycle.tasks,
            self._webhooks,
            self.reset,
        )

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request, or close its connection without an answer."""
        try:
            response = self._route(Request(environ))
        except DropReply as drop:
            cut_connection(environ)
            raise ConnectionAbortedError("the reply was dropped on purpose") from drop
        return response(environ, start_response)

    def reset(self) -> None:
        """Forget faults, tasks, logs and results; rendered clips stay for the next time."""
        self._scheduler.clear()
        self.rendering.clear()
        self._faults.clear()
        self._lifecycle.tasks.clear()
        self._results.clear()
        self._webhooks.clear()
        self._log.clear()

    def close(self) -> None:
        """Stop all threads and render processes."""
        self._closing.set()
        self._scheduler.close()
        self.rendering.close()
        self._webhooks.close()

    def _route(self, request: Request) -> Response:
        caller, path = _split_caller(request.path)
        provider, _, rest = path.lstrip("/").partition("/")
        if provider == "_sim":
            return self._control.answer(request, rest)
        vendor = self._form(provider, request.method, rest)
        if vendor is None:
            return Response("no such vendor\n", 404)
        return self._exchange(vendor, _exchange(vendor, request, rest, caller))

    def _form(self, provider: str, method: str, path: str) -> Vendor | None:
        """Returns the wire form of that vendor that the call belongs to, else the first one."""
        forms = [form for form in self._forms if form.name == provider]
        known = (form for form in forms if form.operation_of(method, path) != "unknown")
        return next(known, forms[0] if forms else None)

    def _exchange(self, vendor: Vendor, exchange: Exchange) -> Response:
        entry = _log_entry(exchange)
        self._log.add(entry)
        self._hook(exchange, "before")
        try:
            response = self._perform(vendor, exchange)
        finally:
            entry.prompt = exchange.prompt
            entry.task_id = exchange.task.task_id if exchange.task else None
        self._hook_after(exchange, response)
        entry.status = response.status_code
        return response

    def _perform(self, vendor: Vendor, exchange: Exchange) -> Response:
        if exchange.operation == "result":
            self._recognise_result(exchange)
        else:
            vendor.recognise(exchange)
        operation, prompt = exchange.operation, exchange.prompt
        refusals = REFUSALS.get(operation, _NONE) - self._lifecycle.refused_later(vendor.name)
        fault = self._faults.take(vendor.name, operation, refusals - exchange.own_faults, prompt)
        if fault and operation == "result":
            return Response(f"{fault.fault}\n", _RESULT_ERRORS[fault.fault])
        if fault:
            return vendor.refusal(fault)
        return self._reply(vendor, exchange)

    def _reply(self, vendor: Vendor, exchange: Exchange) -> Response:
        response = self._answer(vendor, exchange)
        if response.status_code >= 400:
            return response
        possible = CONNECTIONS.get(exchange.operation, _NONE) - exchange.own_faults
        fault = self._faults.take(vendor.name, exchange.operation, possible, exchange.prompt)
        if fault is None:
            return response
        response.close()
        if fault.fault == "gateway_timeout":
            return vendor.refusal(fault)
        if fault.fault == "hang":
            wait_seconds = _HANG_SECONDS if fault.delay_seconds is None else fault.delay_seconds
            self._closing.wait(wait_seconds)
        raise DropReply(fault.fault)

    def _answer(self, vendor: Vendor, exchange: Exchange) -> Response:
        if exchange.operation != "result":
            return vendor.answer(exchange)
        if exchange.task and self._lifecycle.is_removed(exchange.task):
            return Response("no such object\n", 404)
        name = exchange.path.removeprefix("results/")
        return self._results.answer(exchange.request, self._results.find(vendor.name, name))

    def _recognise_result(self, exchange: Exchange) -> None:
        name = exchange.path.removeprefix("results/")
        result = self._results.find(exchange.provider, name)
        if result is not None:
            exchange.prompt = result.prompt
            exchange.task = self._lifecycle.tasks.find(exchange.provider, result.task_id)

    def _hook_after(self, exchange: Exchange, response: Response) -> None:
        try:
            self._hook(exchange, "after")
        except DropReply:
            response.close()
            raise

    def _hook(self, exchange: Exchange, phase: Phase) -> None:
        if self._config.on_request:
            self._config.on_request(exchange.caller, exchange.provider, exchange.operation, phase)


_NONE: frozenset[str] = frozenset()


def _split_caller(path: str) -> tuple[str | None, str]:
    if not path.startswith("/_p/"):
        return None, path
    caller, _, rest = path.removeprefix("/_p/").partition("/")
    return caller, rest


def _exchange(vendor: Vendor, request: Request, path: str, caller: str | None) -> Exchange:
    is_result = path.startswith("results/")
    operation = "result" if is_result else vendor.operation_of(request.method, path)
    return Exchange(vendor.name, operation, path, request, caller)


def _log_entry(exchange: Exchange) -> LoggedRequest:
    request = exchange.request
    return LoggedRequest(
        provider=exchange.provider,
        operation=exchange.operation,
        method=request.method,
        path=request.full_path.rstrip("?"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=_logged_body(request),
        caller=exchange.caller,
        time_ms=now_ms(),
    )


def _logged_body(request: Request) -> object:
    raw = request.get_data(cache=True)
    if not raw:
        return None
    body = request.get_json(force=True, silent=True)
    return shortened(raw.decode(errors="replace") if body is None else body)
