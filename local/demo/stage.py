"""The stack in a process of its own, so that Ctrl-C at the demo doesn't reach it.

`python -m local.demo.stage` starts it on free ports, prints one line of JSON (what
`.local/dev.json` holds for `make up`), and stops when its standard input closes: it can't
outlive the demo.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from typing import IO, Any

from local.lambdas.processes import ProcessStarter
from local.sam import CACHE
from local.settings import (
    DEFAULT_GENERATION_SECONDS,
    ROOT,
    StackSettings,
    product_modules,
)

STOP_SECONDS = 20
IMPORTED_LATER = (
    "local.simulators.app",
    "boto3.s3.inject",
    "moto.iam.access_control",
    "moto.s3.responses",
    "moto.secretsmanager.responses",
    "moto.sqs.responses",
    "moto.sts.models",
)
"""What a stack imports while it makes its resources: here it can while another process works."""
PARAMETERS = "SHOWREEL_STAGE_PARAMETERS"
"""The variable that hands template parameters to the stack's process, as JSON."""


class StageError(Exception):
    """The stack didn't start; the message ends with the last lines it wrote."""


class StartingStack:
    """A stack from its process's start on."""

    def __init__(self, process: subprocess.Popen[str], log: IO[str]) -> None:
        self.began = time.monotonic()
        self._process, self._log = process, log
        self._runs = False

    def description(self) -> dict[str, Any]:
        """Returns the stack's description, once it runs. Raises StageError."""
        assert self._process.stdout is not None  # noqa: S101  # asked for below
        line = self._process.stdout.readline()
        if not line.startswith("{"):
            self.stop()
            self._log.seek(0)
            lines = self._log.readlines()[-12:]
            raise StageError("The local stack did not start:\n" + "".join(lines))
        self._runs = True
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """Stops the stack; kills it while it starts, when it doesn't listen yet."""
        assert self._process.stdin is not None  # noqa: S101  # asked for below
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS if self._runs else 0)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@contextlib.contextmanager
def starting_stack(
    generation_seconds: float | None = None, parameters: Mapping[str, str] | None = None
) -> Iterator[StartingStack]:
    """Starts a stack and provides it at once; `parameters` are its template's."""
    environment = os.environ | {PARAMETERS: json.dumps(dict(parameters or {}))}
    if generation_seconds is not None:
        environment["SHOWREEL_SIM_SECONDS"] = str(generation_seconds)
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.demo.stage"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        stack = StartingStack(process, log)
        try:
            yield stack
        finally:
            stack.stop()


@contextlib.contextmanager
def running_stack(
    generation_seconds: float | None = None, parameters: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Provides the description of a stack that runs. Raises StageError."""
    with starting_stack(generation_seconds, parameters) as stack:
        yield stack.description()


def _started_transform() -> subprocess.Popen[bytes] | None:
    """Starts SAM's transform beside the stack's imports, if no result of one is kept yet."""
    return None if CACHE.exists() else subprocess.Popen([sys.executable, "-m", "local.sam"])


def main() -> None:
    """Runs the stack until standard input closes. What functions are forked of starts first: it
    imports the product while the stack imports what is around that.
    """
    starter = ProcessStarter(preload=True, modules=product_modules())
    try:
        _run(starter)
    finally:
        starter.stop()
    sys.stdout.flush()
    os._exit(0)  # all is undone; taking a thousand modules apart takes half a second more


def _run(starter: ProcessStarter) -> None:
    transform = _started_transform()
    from local.cli import description
    from local.stack import Stack

    for name in IMPORTED_LATER:
        importlib.import_module(name)
    if transform is not None:
        transform.wait()
    seconds = float(os.environ.get("SHOWREEL_SIM_SECONDS", DEFAULT_GENERATION_SECONDS))
    settings = StackSettings(
        schedules=True,
        generation_seconds=seconds,
        parameters=json.loads(os.environ.get(PARAMETERS, "{}")),
    )
    with Stack(settings, starter) as stack:
        print(json.dumps(description(stack)), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
