"""What a function's first request costs: its start, its imports, its clients, its answer.

Every function of the API, found in the template, is asked one real request by a process that did
not exist before: through the gateway, under the real runtime client (`awslambdaric`, or our
streaming loop where the template names its wrapper). A bare function under `awslambdaric`, which
makes one boto3 client and answers, takes its turn before each of them, so that both meet the same
noise. CPU is user and system time of the process until its answer; wall time also holds what it
waits for. Shown are the least and the median of the runs; a ratio is the median of those of each
run to the bare one before it, of CPU times, which other work on the machine stretches least. Exits
with 1 if a first request misses its target or fails.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from bench.coldstart_requests import Request, requests, send
from local.gateway.routes import Target
from local.lambdas.processes import Command, OnExit, ProcessStarter
from local.lambdas.service import FunctionPool
from local.settings import StackSettings
from local.stack import Stack

RUNS = 5
RUNS_OF_TARGETED = 11
TARGETS = {"GET": 1.25, "POST": 1.45}
"""The most that a first request for a single video may cost, in bare functions."""
LIMIT = 1.6
"""The most that any other may."""
TARGETED = frozenset({"generate_interior_video_v2", "generate_social_video"})
BARE = Request("bare", "GET", "/bare")
BARE_CODE = """import boto3

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    return {"statusCode": 200, "headers": {}, "body": "{}"}
"""


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one first request, and what it was answered."""

    status: int
    wall_ms: float
    cpu_ms: float


class Starter:
    """Starts a function's processes like the stack does, and knows what they used."""

    def __init__(self) -> None:
        self.cpu_ms: dict[int, float] = {}
        self._ended: dict[int, threading.Event] = {}

    def start(self, command: Command, on_exit: OnExit) -> int:
        """Starts a process in a session of its own."""
        with command.log.open("ab") as log:
            process = subprocess.Popen(
                command.argv,
                env=command.env,
                cwd=command.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._ended[process.pid] = threading.Event()
        threading.Thread(target=self._watch, args=(process.pid, on_exit), daemon=True).start()
        return process.pid

    def used_ms(self, pid: int) -> float:
        """CPU time of an ended process; waits for its end."""
        self._ended[pid].wait()
        return self.cpu_ms[pid]

    def _watch(self, pid: int, on_exit: OnExit) -> None:
        _, status, usage = os.wait4(pid, 0)
        self.cpu_ms[pid] = (usage.ru_utime + usage.ru_stime) * 1000
        self._ended[pid].set()
        on_exit(os.waitstatus_to_exitcode(status))


class Bench:
    """First requests on a running stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._starter = Starter()

    def first(self, request: Request) -> Cost:
        """Asks a process of the function that has answered nothing yet."""
        pool = self._stack.functions.pool(request.function)
        end(pool)
        pool.starter = cast(ProcessStarter, self._starter)
        start = time.perf_counter()
        status, _ = send(self._stack, request)
        wall_ms = (time.perf_counter() - start) * 1000
        pids = [worker.pid for worker in pool.workers]
        pool.kill()
        return Cost(status, wall_ms, sum(self._starter.used_ms(pid) for pid in pids))

    def rounds(self, request: Request) -> Iterator[tuple[Cost, Cost]]:
        """The bare function's cost and the request's, in turns."""
        for _ in range(RUNS_OF_TARGETED if request.function in TARGETED else RUNS):
            yield self.first(BARE), self.first(request)


def main() -> int:
    """Prints the table. Returns the exit status."""
    with tempfile.TemporaryDirectory(prefix="showreel-bare-") as name, plain_stack() as stack:
        asked = list(requests(stack))
        add_bare_function(stack, Path(name))
        bench = Bench(stack)
        print(f"{'':38}{'answer':>7}{'wall ms':>15}{'CPU ms':>13}{'bare CPU ms':>14}  ratio")
        passed = [report(request, list(bench.rounds(request))) for request in asked]
    print(
        "\nmilliseconds: least / median of interleaved runs; ratio: of CPU time, the median pair's"
    )
    return 0 if all(passed) else 1


def plain_stack() -> Stack:
    """The stack with its functions started as plain processes, as Lambda does."""
    return Stack(StackSettings(generation_seconds=0.3, fork=False))


def add_bare_function(stack: Stack, folder: Path) -> None:
    """A function with the layers and the environment of the others."""
    (folder / "app.py").write_text(BARE_CODE)
    like = stack.functions.pool("health").spec
    name = BARE.function
    spec = replace(like, logical_id=name, name=name, folder=name, arn=f"{like.arn}-x", code=folder)
    stack.functions.load({spec.logical_id: spec})
    stack.gateway.api.resource(BARE.path).methods[BARE.method] = Target(spec.name)


def end(pool: FunctionPool) -> None:
    """Ends the function's processes and waits until they are gone."""
    pool.kill()
    while pool.workers:
        time.sleep(0.005)


def report(request: Request, rounds: Sequence[tuple[Cost, Cost]]) -> bool:
    """Prints one line; returns whether the target is met."""
    bare, own = ([pair[side] for pair in rounds] for side in (0, 1))
    cpu_ms, bare_ms = [cost.cpu_ms for cost in own], [cost.cpu_ms for cost in bare]
    ratio = statistics.median(a / b for a, b in zip(cpu_ms, bare_ms, strict=True))
    target = TARGETS[request.method] if request.function in TARGETED else LIMIT
    passed = ratio <= target and own[0].status < 500
    verdict = f"  <= {target}: {'met' if passed else 'MISSED'}"
    wall = spread([cost.wall_ms for cost in own])
    name = f"{request.method:<5}{request.function}"
    figures = f"{own[0].status:>7}{wall:>15}{spread(cpu_ms):>13}{spread(bare_ms):>14}"
    print(f"{name:<38}{figures}{ratio:7.2f}{verdict}", flush=True)
    return passed


def spread(figures: Sequence[float]) -> str:
    """The least and the median."""
    return f"{min(figures):.0f} / {statistics.median(figures):.0f}"


if __name__ == "__main__":
    sys.exit(main())
