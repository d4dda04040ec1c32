"""The stack in a process of its own, so that Ctrl-C at the demo doesn't reach it.

`python -m local.demo.stage` starts it on free ports, prints one line of JSON (what
`.local/dev.json` holds for `make up`), and stops when its standard input closes: it can't
outlive the demo.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
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
PARAMETERS = "SHOWREEL_STAGE_PARAMETERS"
"""The variable that hands template parameters to the stack's process, as JSON."""


class StageError(Exception):
    """The stack didn't start; the message ends with the last lines it wrote."""


@contextlib.contextmanager
def running_stack(
    generation_seconds: float | None = None, parameters: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Provides a running stack's description; `parameters` are its template's. Raises
    StageError.
    """
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
        try:
            yield _description(process, log)
        finally:
            _stop(process)


def _description(process: subprocess.Popen[str], log: IO[str]) -> dict[str, Any]:
    assert process.stdout is not None  # noqa: S101  # asked for above
    line = process.stdout.readline()
    if not line.startswith("{"):
        _stop(process)
        log.seek(0)
        raise StageError("The local stack did not start:\n" + "".join(log.readlines()[-12:]))
    answer: dict[str, Any] = json.loads(line)
    return answer


def _stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None  # noqa: S101  # asked for above
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


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


def _run(starter: ProcessStarter) -> None:
    transform = _started_transform()
    from local.cli import description
    from local.stack import Stack

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
