"""Puts the stack together: servers, moto, functions, events, providers, seeds."""

import base64
import contextlib
import functools
import gc
import json
import os
import secrets
import shutil
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from local import clock
from local.aws import moto_accounts, moto_light, step_functions  # noqa: F401  # the light one first
from local.aws.endpoint import AwsFront
from local.aws.events import EventBus
from local.aws.permissions import Permissions
from local.aws.persistence import Keeper
from local.aws.resources import Clients, Resources
from local.control.api import Controls
from local.control.faults import FaultBook
from local.control.seed import Auth, Seeder, Tenant
from local.gateway.app import BODY_LIMIT_BYTES, Gateway
from local.gateway.routes import load_api, stage_name
from local.lambdas.api import whole_payload
from local.lambdas.failed_events import FailedEvents
from local.lambdas.ffmpeg import ensure_ffmpeg
from local.lambdas.functions import FunctionSpec, function_specs
from local.lambdas.invocation import Outcome
from local.lambdas.processes import ProcessStarter
from local.lambdas.service import LambdaService
from local.lambdas.sources import EventSources
from local.lambdas.worker import Surroundings
from local.metering.meter import Meter
from local.names import Names
from local.server import Server
from local.settings import ROOT, StackSettings
from local.simulators.server import ProviderFaults, simulators
from local.template import Template

SEED_CREDITS = 1000
OTHER_SEED_CREDITS = 100
"""Credits of the demonstration workspace and of the second tenant."""
SEED_FUNCTIONS = frozenset({"workspaces", "credits", "uploads"})
"""What seeding calls; started while the rest of the stack still is."""


class Stack:
    """A running stack. `with Stack(StackSettings(...)) as stack:`

    A `starter` that is given starts its functions, and is left running; it is in place of what
    `fork` and `preload` say.
    """

    def __init__(
        self, settings: StackSettings | None = None, starter: ProcessStarter | None = None
    ) -> None:
        self.settings = settings or StackSettings()
        self._given_starter = starter
        self._own_folder = self.settings.state_dir is None
        self.state_dir = self.settings.state_dir or Path(tempfile.mkdtemp(prefix="showreel-"))
        self.faults = FaultBook()
        self.environment = dict(self.settings.environment)
        """Extra variables of functions' processes that are started from now on."""
        self.keeper: Keeper | None = None
        self._undo = contextlib.ExitStack()
        self._stopping = threading.Lock()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Starts everything; returns when the first request can come."""
        self._prepare_folder()
        self._take_account()
        self.starter = self._given_starter or self._own_starter()
        self._open_ports()
        self._read_template()
        self._assemble()
        self._create_resources()
        self._serve()
        self._seed()
        gc.freeze()  # what is loaded stays; looking for garbage in it took seconds, at the end, too

    def _own_starter(self) -> ProcessStarter:
        made = ProcessStarter(preload=self.settings.fork, modules=self.settings.preload)
        self._undo.callback(made.stop)
        return made

    def _prepare_folder(self) -> None:
        """Makes the folders; several stacks may share them, each with its own scratch space."""
        self.scratch = self.state_dir / "tmp" / f"{os.getpid()}-{secrets.token_hex(4)}"
        self.scratch.mkdir(parents=True)
        self._undo.callback(shutil.rmtree, self.scratch, ignore_errors=True)
        (self.state_dir / "logs").mkdir(exist_ok=True)
        for old in self.scratch.parent.iterdir():
            if not Path(f"/proc/{old.name.partition('-')[0]}").exists():
                shutil.rmtree(old, ignore_errors=True)
        if self._own_folder:
            self._undo.callback(shutil.rmtree, self.state_dir, ignore_errors=True)

    def _take_account(self) -> None:
        account, region = moto_accounts.take(self.settings.account), self.settings.region
        self.settings = replace(self.settings, account=account)
        self._undo.callback(moto_accounts.give_back, account, region)

    def _open_ports(self) -> None:
        """Opens every port, so that all URLs are known. A server may be stopped twice."""
        host = self.settings.host
        self.aws_server = self._server(0)
        self.providers_server = self._server(0)
        self.gateway_server = Server(host, self.settings.port, body_limit_bytes=BODY_LIMIT_BYTES)
        self._undo.callback(self._save)
        self._undo.callback(self.gateway_server.stop)
        self.aws_endpoint = self.aws_server.url
        self.providers_url = self.providers_server.url

    def _server(self, port: int) -> Server:
        server = Server(self.settings.host, port)
        self._undo.callback(server.stop)
        return server

    def _read_template(self) -> None:
        settings = self.settings
        self.names = Names(settings.stack_name, settings.region, settings.account)
        endpoints = {
            "KlingBaseUrl": f"{self.providers_url}/kling",
            "ReplicateBaseUrl": f"{self.providers_url}/replicate",
            "GoogleBaseUrl": f"{self.providers_url}/google",
            "FalQueueUrl": f"{self.providers_url}/fal",
            "FalKeysUrl": f"{self.providers_url}/fal/.well-known/jwks.json",
            "GmiBaseUrl": f"{self.providers_url}/gmi",
            "GmiChatBaseUrl": f"{self.providers_url}/gmi",
            "GroqBaseUrl": f"{self.providers_url}/groq",
            "ElevenLabsBaseUrl": f"{self.providers_url}/elevenlabs",
            "ResultOrigins": f"{self.providers_url},{self.aws_endpoint}",
            "WebhookOrigins": f"http://{settings.host}:*,http://127.0.0.1:*,http://localhost:*",
        }
        self.template = Template(
            settings.template,
            settings.parameters,
            self.names.pseudo(),
            self.names.lookup,
            endpoints,
        )
        self.names.template = self.template
        self.base_url = f"{self.gateway_server.url}/{stage_name(self.template)}"
        if not self.template.parameters.get("PublicBaseUrl", "x"):
            self.template.parameters["PublicBaseUrl"] = self.base_url

    def _assemble(self) -> None:
        settings = self.settings
        self.clients = Clients(self.aws_endpoint, settings.region)
        self.resources = Resources(self.template, self.names, self.clients)
        self.meter = Meter(settings.account, settings.region) if settings.meter else None
        self.events = EventBus(settings.region, settings.account)
        self._undo.callback(self.events.stop)
        around = Surroundings(
            region=settings.region,
            aws_endpoint=self.aws_endpoint,
            providers_url=self.providers_url,
            logs=self.state_dir / "logs",
            scratch=self.scratch,
            ffmpeg_folder=lambda: ensure_ffmpeg().parent,
            environment=self.environment,
            init_timeout_seconds=settings.init_timeout_seconds,
            meter=self.meter.processes if self.meter else None,
        )
        self.functions = LambdaService(
            around, self.starter, settings.retry_delays_seconds, self.faults
        )
        if self.meter is not None:
            self.meter.traffic.function_of = self._folder_of
        self._undo.callback(self.functions.stop)
        self.controls = Controls(self.faults, self.functions, self.events)
        self.permissions = Permissions(settings.region, settings.account)
        self.controls.permissions = self.permissions
        self.aws = AwsFront(
            settings.account,
            self.faults,
            self.functions,
            self.events,
            self.controls,
            self.permissions,
            self.meter,
        )
        self.aws_server.start(self.aws)

    def _create_resources(self) -> None:
        if self.settings.data_dir is not None:
            self.keeper = Keeper(self.settings.data_dir, self.clients, self.resources)
        self.resources.create(self.keeper.kept_secrets() if self.keeper else {})
        self.specs = function_specs(self.template)
        self._fill_secrets()
        self.functions.load(self.specs)
        if self.settings.seed:
            self.functions.warm(SEED_FUNCTIONS)
        self.permissions.load(self.template, self.specs)
        self.events.load(self.template, self.specs)
        self.events.deliver = self.functions.invoke_later
        self.functions.given_up = FailedEvents(self.clients.make).keep
        self._connect_state_machines()
        if self.keeper is not None:
            self.keeper.load()
            self.keeper.start(self.aws.changed)
        self._read_sources()

    def _read_sources(self) -> None:
        """Gives functions what comes in streams and queues, once everything kept is loaded."""
        sources = EventSources(
            self.settings.account,
            self.settings.region,
            functools.partial(self.functions.invoke, origin="Event"),
            self.aws.locks.__getitem__,
        )
        sources.given_up = self._give_up
        sources.start(self.template, self.specs, self.permissions)
        self._undo.callback(sources.stop)

    def _give_up(self, queue_arn: str, record: str) -> None:
        """Keeps the record of what a stream's reader gave up."""
        name = queue_arn.rpartition(":")[2]
        url = self.clients.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        self.clients.sqs.send_message(QueueUrl=url, MessageBody=record)

    def _connect_state_machines(self) -> None:
        account, region = self.settings.account, self.settings.region
        hooks = step_functions.StackHooks(
            functools.partial(self.functions.invoke, origin="Task"),
            self.aws_endpoint,
            self._status_changed,
            self.meter,
        )
        step_functions.connect(account, hooks)
        self._undo.callback(step_functions.disconnect, account, region)
        self.resources.create_state_machines()

    def _status_changed(self, detail: dict[str, Any]) -> None:
        event = self.events.event("aws.states", "Step Functions Execution Status Change")
        event["resources"] = [detail["executionArn"]]
        event["detail"] = detail | {"inputDetails": {"included": True}}
        self.events.send(event)

    def _folder_of(self, key: str) -> str | None:
        worker = self.functions.worker(key)
        return worker.spec.folder if worker else None

    def _fill_secrets(self) -> None:
        """Gives the secrets that functions name in their environment what this stack knows."""
        self.auth_secret: dict[str, str] = {}
        self.provider_secret: dict[str, str] = {}
        if arn := self.variable("AUTH_SECRET_ARN"):
            made = {name: secrets.token_urlsafe(48) for name in ("jwt_secret", "service_token")}
            self.auth_secret = self.resources.fill_secret(arn, made)
        if arn := self.variable("PROVIDER_SECRET_ARN"):
            self.provider_secret = self.resources.fill_secret(arn, _provider_keys())

    def variable(self, name: str) -> str | None:
        """Returns a variable of the functions' environment, from the first function that has it."""
        found = (spec.environment[name] for spec in self.specs.values() if name in spec.environment)
        return next(found, None)

    def _serve(self) -> None:
        settings = self.settings
        hook = ProviderFaults(self.faults)
        hook.functions = self.functions
        app = simulators(
            (settings.data_dir or self.state_dir) / "providers",
            settings.clips_dir,
            self.providers_url,
            settings.generation_seconds,
            self.provider_secret,
            ensure_ffmpeg(),
            hook,
            settings.clip_scale,
        )
        self._undo.callback(app.close)
        self._undo.callback(self.providers_server.stop)
        self.providers_server.start(self.meter.traffic.vendors(app) if self.meter else app)
        api = load_api(self.template, self.specs)
        log = self.state_dir / "logs" / "gateway.log"
        self.gateway = Gateway(api, self.functions, settings.account, log, self.faults)
        self._undo.callback(self.gateway.stop)
        self._undo.callback(self.gateway_server.stop)
        gateway = self.meter.traffic.api(self.gateway) if self.meter else self.gateway
        self.gateway_server.start(gateway)
        if settings.schedules:
            self.events.start_clock()
        if settings.warm:
            self.functions.warm()

    def _seed(self) -> None:
        self.tenant: Tenant | None = None
        self.other_tenant: Tenant | None = None
        self.sample_image_url: str | None = None
        if not self.auth_secret:
            return
        auth = Auth(
            self.auth_secret["jwt_secret"],
            self.auth_secret["service_token"],
            self.variable("JWT_ISSUER") or "",
            self.variable("JWT_AUDIENCE") or "",
        )
        self.seeder = Seeder(self.base_url, auth)
        self.controls.seeder = self.seeder
        if self.settings.seed:
            self.tenant = self.seeder.first_tenant(SEED_CREDITS, "user-demo", "Demo studio")
            self.other_tenant = self.seeder.first_tenant(
                OTHER_SEED_CREDITS, "user-other", "Other studio"
            )
            self.sample_image_url = self._upload_sample(self.tenant)

    def _upload_sample(self, tenant: Tenant) -> str | None:
        """Returns the permanent URL of a sample room, uploaded as a client would."""
        rooms = sorted((ROOT / "local" / "demo" / "rooms").glob("*living-room.jpg"))
        return self.seeder.upload(tenant, rooms[0], "image/jpeg") if rooms else None

    def invoke(self, function: str, event: Any) -> Any:
        """Runs a function and gives its answer. Raises FunctionFailed."""
        outcome: Outcome = self.functions.invoke(function, json.dumps(event).encode())
        payload, error = whole_payload(outcome)
        answer = json.loads(payload) if payload else None
        if error is not None:
            raise FunctionFailed(answer)
        return answer

    def fire(self, rule: str) -> Any:
        """Runs a schedule's function now and gives its answer. Raises KeyError, FunctionFailed."""
        schedule = self.events.find_schedule(rule)
        return self.invoke(schedule.function, json.loads(self.events.payload(schedule)))

    def move_clock(self, seconds: float) -> None:
        """Moves the time forward, for everything here and the functions (only with `fork`)."""
        if not self.starter.forks:
            raise ValueError("functions that are not forked keep real time")
        clock.move(seconds)

    def restart_functions(self) -> None:
        """Kills every process of every function, so that the next ones start anew."""
        for pool in self.functions.pools.values():
            pool.kill()

    def log(self, function: str) -> str:
        """Returns what a function has written so far."""
        spec: FunctionSpec = self.functions.pool(function).spec
        path = self.state_dir / "logs" / f"{spec.folder}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _save(self) -> None:
        """Keeps what is to be kept, when no function can write any more."""
        if self.keeper is not None:
            self.keeper.stop()

    def stop(self) -> None:
        """Ends everything; safe to call twice."""
        with self._stopping:
            self._undo.close()


class FunctionFailed(Exception):  # what Lambda says: the function failed
    """A function's error: `.error` is `{"errorType", "errorMessage", ...}`."""

    def __init__(self, error: Any) -> None:
        super().__init__(json.dumps(error))
        self.error = error


def _provider_keys() -> dict[str, str]:
    """Keys for the simulated providers."""
    return {
        "kling_access_key": f"local-{secrets.token_hex(8)}",
        "kling_secret_key": secrets.token_hex(32),
        "kling_api_key": "",
        "kling_webhook_secret": _webhook_secret(),
        "replicate_api_token": f"r8_{secrets.token_urlsafe(30)}",
        "replicate_webhook_secret": _webhook_secret(),
        "google_api_key": f"local-{secrets.token_urlsafe(24)}",
        "fal_key": f"{secrets.token_hex(8)}:{secrets.token_hex(16)}",
        "gmi_api_key": f"local-{secrets.token_urlsafe(24)}",
        "groq_api_key": f"gsk_{secrets.token_hex(24)}",
        "elevenlabs_api_key": f"sk_{secrets.token_hex(24)}",
    }


def _webhook_secret() -> str:
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()
