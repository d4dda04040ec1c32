"""One process of one function: its environment, its port, its life."""

import os
import queue
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local import clock
from local.lambdas.functions import FunctionSpec
from local.lambdas.invocation import Invocation, Outcome
from local.lambdas.processes import Command, ProcessStarter, kill_group
from local.lambdas.runtime_api import RuntimeServer
from local.metering.processes import ProcessMeter
from local.settings import ROOT

LED_PAST = ("_BASE_URL", "_QUEUE_URL")
"""Variables of vendors' URLs, in which a process's key identifies its calls."""
SIGNAL_NAMES = {-9: "killed", -15: "terminated", -11: "segmentation fault", -6: "aborted"}


@dataclass(frozen=True)
class Surroundings:
    """What every process of a stack shares."""

    region: str
    aws_endpoint: str
    providers_url: str
    logs: Path
    scratch: Path
    """Every process gets a folder in it for its temporary files."""
    ffmpeg_folder: Callable[[], Path]
    environment: Mapping[str, str]
    init_timeout_seconds: float
    meter: ProcessMeter | None = None


class Worker:
    """A process that takes one invocation at a time."""

    def __init__(
        self,
        spec: FunctionSpec,
        around: Surroundings,
        *,
        on_idle: Callable[["Worker"], None],
        on_exit: Callable[["Worker"], None],
    ) -> None:
        self.spec = spec
        self.around = around
        self.key = "ASIA" + secrets.token_hex(8).upper()
        """Its AWS access key id, which identifies its calls."""
        self.served = 0
        self.alive = True
        self.pid = 0
        self._on_idle = on_idle
        self._on_exit = on_exit
        self._timer: threading.Timer | None = None
        self._inbox: queue.Queue[Invocation | None] = queue.Queue()
        self._invocation: Invocation | None = None
        self._init_error: bytes | None = None
        self._lock = threading.Lock()
        self.scratch = around.scratch / self.key
        self.server = RuntimeServer(self)

    @property
    def invocation_id(self) -> str | None:
        """What it works on."""
        invocation = self._invocation
        return invocation.request_id if invocation else None

    @property
    def is_busy(self) -> bool:
        """Whether it has an invocation that isn't answered."""
        return self.alive and self._invocation is not None

    def start(self, starter: ProcessStarter) -> None:
        """Starts the process."""
        self.scratch.mkdir(parents=True)
        if self.around.meter is not None:
            self.around.meter.started(self.key, self.spec.folder, self.spec.memory_mb)
        log = self.around.logs / f"{self.spec.folder}.log"
        command = Command(self.argv(), self.environment(), self.spec.code, log)
        self.pid = starter.start(command, self._ended)

    def argv(self) -> tuple[str, ...]:
        """Returns the runtime client, behind the wrapper if the function has one."""
        plain = (sys.executable, "-m", "awslambdaric", self.spec.handler)
        wrapper = self.spec.environment.get("AWS_LAMBDA_EXEC_WRAPPER")
        return (str(self.wrapper_file(wrapper)), *plain) if wrapper else plain

    def wrapper_file(self, wrapper: str) -> Path:
        """Returns the script that `/opt/...` stands for. Raises FileNotFoundError."""
        found = self.spec.in_layers(wrapper)
        if found is None:
            raise FileNotFoundError(f"{self.spec.name}: no layer has {wrapper}")
        return found

    def environment(self) -> dict[str, str]:
        """Returns all of its variables: Lambda's, the template's, this machine's."""
        layers = [str(layer) for layer in self.spec.layers]
        pythons = [str(layer / "python") for layer in self.spec.layers]
        return (
            self._from_template()
            | self._from_lambda()
            | {
                "PATH": self._path(),
                "PYTHONPATH": os.pathsep.join([*layers, *pythons]),
                "TMPDIR": str(self.scratch),
                "AWS_ENDPOINT_URL": self.around.aws_endpoint,
                "AWS_ACCESS_KEY_ID": self.key,
                "AWS_SECRET_ACCESS_KEY": secret_of(self.key),
                "AWS_SESSION_TOKEN": "local",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_LAMBDA_RUNTIME_API": self.server.address,
                clock.VARIABLE: str(clock.PATH),
            }
        )

    def _from_template(self) -> dict[str, str]:
        """Returns the template's variables, with base URLs of providers led past this process's
        key.
        """
        providers = self.around.providers_url
        return {
            name: value.replace(providers, f"{providers}/_p/{self.key}", 1)
            if name.endswith(LED_PAST) and value.startswith(providers)
            else value
            for name, value in {**self.spec.environment, **self.around.environment}.items()
        }

    def _from_lambda(self) -> dict[str, str]:
        return {
            "AWS_LAMBDA_FUNCTION_NAME": self.spec.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.spec.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": self.spec.log_group,
            "AWS_LAMBDA_LOG_FORMAT": self.spec.log_format,
            "AWS_LAMBDA_LOG_STREAM_NAME": f"[$LATEST]{self.key.lower()}",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_REGION": self.around.region,
            "AWS_DEFAULT_REGION": self.around.region,
            "LAMBDA_TASK_ROOT": str(self.spec.code),
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "_HANDLER": self.spec.handler,
            "TZ": ":UTC",
            "LANG": "en_US.UTF-8",
        }

    def _path(self) -> str:
        folders = [str(layer / "bin") for layer in self.spec.layers]
        if any(layer.name == "ffmpeg" for layer in self.spec.layers):
            folders.insert(0, str(self.around.ffmpeg_folder()))
        return os.pathsep.join([*folders, str(Path(sys.executable).parent), "/usr/bin", "/bin"])

    def invoke(self, invocation: Invocation) -> Outcome:
        """Gives the process an invocation and waits for its outcome; kills it when time is up."""
        with self._lock:
            self._invocation = invocation
            alive = self.alive
        if not alive:
            self._report_death(invocation, -9)
        self._inbox.put(invocation)
        outcome = self._wait(invocation)
        if outcome.stream is not None:
            self._guard(invocation)
        self.served += 1
        return outcome

    def _wait(self, invocation: Invocation) -> Outcome:
        started = self._await_start(invocation)
        limit = invocation.timeout_seconds if started else 0
        outcome = invocation.wait(limit)
        if outcome is None:
            self._time_out(invocation, started)
            outcome = invocation.wait(5)
        return outcome or invocation.failure(b"{}")

    def _await_start(self, invocation: Invocation) -> bool:
        """Waits until the process has picked it up, or has died over its imports."""
        left = self.around.init_timeout_seconds
        while left > 0 and not invocation.started.wait(0.25):
            if invocation.wait(0) is not None:
                return True
            left -= 0.25
        return invocation.started.is_set()

    def _time_out(self, invocation: Invocation, started: bool) -> None:
        seconds = invocation.timeout_seconds if started else self.around.init_timeout_seconds
        message = (
            f"RequestId: {invocation.request_id} Error: Task timed out after {seconds:.2f} seconds"
        )
        invocation.fail("Sandbox.Timedout", message)
        self.kill()

    def _guard(self, invocation: Invocation) -> None:
        """Kills the process if its stream is still open when the function's time is up."""
        left_seconds = max(0.0, invocation.deadline - time.monotonic())
        self._timer = threading.Timer(left_seconds, self._cut_off, (invocation,))
        self._timer.daemon = True
        self._timer.start()

    def _cut_off(self, invocation: Invocation) -> None:
        if self.current(invocation.request_id) is not None:
            self.kill()

    def take(self) -> Invocation | None:
        """For the Runtime API: the next invocation."""
        meter = self.around.meter
        if meter is not None:
            meter.asks(self.key, self.pid)
        invocation = self._inbox.get()
        if meter is not None and invocation is not None:
            meter.begins(self.key, self.pid)
        return invocation

    def current(self, request_id: str) -> Invocation | None:
        """For the Runtime API: the running invocation, if it is this one."""
        invocation = self._invocation
        return invocation if invocation and invocation.request_id == request_id else None

    def finished(self, invocation: Invocation) -> None:
        """For the Runtime API: the running invocation is answered, or about to be."""
        with self._lock:
            if self._invocation is not invocation:
                return
            self._invocation = None
        if self._timer is not None:
            self._timer.cancel()
        self._on_idle(self)

    def init_failed(self, payload: bytes) -> None:
        """For the Runtime API: the handler could not be imported."""
        self._init_error = payload

    def kill(self) -> None:
        """Kills the process and whatever it started."""
        if self.alive and self.pid:
            kill_group(self.pid)

    def _ended(self, status: int) -> None:
        with self._lock:
            self.alive = False
            invocation = self._invocation
        if self.around.meter is not None:
            self.around.meter.ended(self.key)
        if invocation is not None:
            self._report_death(invocation, status)
        self._inbox.put(None)
        self.server.stop()
        shutil.rmtree(self.scratch, ignore_errors=True)
        self._on_exit(self)

    def _report_death(self, invocation: Invocation, status: int) -> None:
        if self._init_error is not None:
            invocation.finish(invocation.failure(self._init_error))
            return
        how = (
            f"signal: {SIGNAL_NAMES.get(status, -status)}"
            if status < 0
            else f"exit status {status}"
        )
        message = f"RequestId: {invocation.request_id} Error: Runtime exited with error: {how}"
        invocation.fail("Runtime.ExitError", message)


def secret_of(access_key_id: str) -> str:
    """Returns the secret access key that belongs to a key id: derived, so that nobody has to store
    it.
    """
    return f"{access_key_id}/secret/{ROOT.name}"
