"""The functions of a stack: warm processes per function, invocations, deaths."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from local import clock
from local.control.faults import Call, FaultBook
from local.lambdas.failed_events import GivenUp
from local.lambdas.functions import FunctionSpec
from local.lambdas.invocation import Invocation, Outcome, Throttled, error_payload
from local.lambdas.processes import ProcessStarter
from local.lambdas.worker import Surroundings, Worker

MOST_PROCESSES = 60
"""Per function, where the template reserves nothing."""
IDLE_SECONDS = 300.0
RESTARTS = 3
ASYNCHRONOUS_THREADS = 32
Origin = Literal["Request", "Task", "Event"]
"""Who invokes: the gateway or a caller of Invoke, a state machine, a rule or a schedule."""
Borrower = Callable[[bytes], Outcome | None]
"""Answers an invocation itself, or not (None)."""


class FunctionPool:
    """The processes of one function."""

    def __init__(self, spec: FunctionSpec, around: Surroundings, starter: ProcessStarter) -> None:
        self.spec = spec
        self.around = around
        self.starter = starter
        self.borrower: Borrower | None = None
        """Asked before every invocation whether it will answer in the function's place."""
        self.workers: set[Worker] = set()
        self._idle: list[tuple[Worker, float]] = []
        self._lock = threading.Lock()
        self._closed = False

    def invoke(self, payload: bytes, arn: str | None = None) -> Outcome:
        """Runs the function once, called by an ARN of its own or of an alias. Raises Throttled."""
        if self.borrower is not None and (lent := self.borrower(payload)) is not None:
            return lent
        for _ in range(RESTARTS):
            try:
                worker = self._take()
            except OSError as error:
                message = f"{self.spec.name}: {error}"
                return Outcome(error_payload("Runtime.InvalidEntrypoint", message), "Unhandled")
            was_warm = worker.served > 0
            invocation = Invocation(payload, arn or self.spec.arn, self.spec.timeout_seconds)
            outcome = worker.invoke(invocation)
            if outcome.function_error is None or invocation.started.is_set() or not was_warm:
                break
        return outcome

    def _take(self) -> Worker:
        with self._lock:
            while self._idle:
                worker, _ = self._idle.pop()
                if worker.alive:
                    return worker
            if len(self.workers) >= (self.spec.reserved_concurrency or MOST_PROCESSES):
                raise Throttled(self.spec.name)
            worker = self._new()
        self._start(worker)
        return worker

    def _start(self, worker: Worker) -> None:
        """Starts its process. Raises OSError when that can't be done."""
        try:
            worker.start(self.starter)
        except OSError:
            self._forget(worker)
            worker.server.stop()
            raise

    def _new(self) -> Worker:
        worker = Worker(self.spec, self.around, on_idle=self._rest, on_exit=self._forget)
        self.workers.add(worker)
        return worker

    def _rest(self, worker: Worker) -> None:
        with self._lock:
            self._idle.append((worker, time.monotonic()))

    def _forget(self, worker: Worker) -> None:
        with self._lock:
            self.workers.discard(worker)
            self._idle = [(other, since) for other, since in self._idle if other is not worker]

    def warm(self) -> None:
        """Starts one process ahead of its first invocation."""
        with self._lock:
            if self.workers or self._closed:
                return
            worker = self._new()
        self._start(worker)
        self._rest(worker)

    def kill(self) -> int:
        """Kills every process; returns how many there were."""
        with self._lock:
            workers = list(self.workers)
            self._idle.clear()
        for worker in workers:
            worker.kill()
        return len(workers)

    def reap(self, idle_seconds: float) -> None:
        """Ends processes that had nothing to do for so long."""
        limit = time.monotonic() - idle_seconds
        with self._lock:
            old = [worker for worker, since in self._idle if since < limit]
            self._idle = [(worker, since) for worker, since in self._idle if since >= limit]
        for worker in old:
            worker.kill()


class LambdaService:
    """All functions, found by name, ARN, logical id or folder."""

    def __init__(
        self,
        around: Surroundings,
        starter: ProcessStarter,
        retry_delays_seconds: tuple[float, ...],
        faults: FaultBook,
    ) -> None:
        self.around = around
        self.starter = starter
        self.retry_delays_seconds = retry_delays_seconds
        self.faults = faults
        self.pools: dict[str, FunctionPool] = {}
        self._names: dict[str, str] = {}
        self._later = ThreadPoolExecutor(ASYNCHRONOUS_THREADS, thread_name_prefix="event")
        self._stopped = threading.Event()
        self._counting = threading.Lock()
        self._tasks = 0
        self.given_up: GivenUp = _forget
        threading.Thread(target=self._reap_now_and_then, daemon=True).start()

    def load(self, specs: Mapping[str, FunctionSpec]) -> None:
        """Takes over the template's functions. Processes start when they are needed."""
        for spec in specs.values():
            self.pools[spec.name] = FunctionPool(spec, self.around, self.starter)
            for alias in (spec.logical_id, spec.folder, spec.arn, spec.name):
                self._names.setdefault(alias, spec.name)

    def pool(self, name: str) -> FunctionPool:
        """Returns a function's processes. Raises KeyError."""
        if name.startswith("arn:"):
            name = ":".join(name.split(":")[:7])
        return self.pools[self._names[name]]

    def invoke(self, name: str, payload: bytes, origin: Origin = "Request") -> Outcome:
        """Runs a function and waits. Raises KeyError or Throttled."""
        pool, arn = self.pool(name), _given_arn(name)
        fault = self.faults.due(Call("invocations", origin, pool.spec.folder))
        match fault.action if fault else None:
            case "throttle":
                raise Throttled(pool.spec.name)
            case "double":
                self._run_later(pool.invoke, payload, arn)
            case "delay" if fault:
                clock.sleep(fault.delay_seconds)
        if origin != "Task":
            return pool.invoke(payload, arn)
        with self._counted():
            return pool.invoke(payload, arn)

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        with self._counting:
            self._tasks += 1
        try:
            yield
        finally:
            with self._counting:
                self._tasks -= 1

    def invoke_later(self, name: str, payload: bytes) -> None:
        """Runs a function in the background, again when it fails. Raises KeyError."""
        pool = self.pool(name)
        fault = self.faults.due(Call("invocations", "Event", pool.spec.folder))
        times = {"lose": 0, "double": 2}.get(fault.action, 1) if fault else 1
        wait = fault.delay_seconds if fault and fault.action == "delay" else 0.0
        for _ in range(times):
            self._run_later(self._with_retries, pool, payload, _given_arn(name), wait)

    def _run_later(self, work: Callable[..., object], *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the stack is being stopped
            self._later.submit(work, *arguments)

    def runs_tasks(self) -> bool:
        """Returns whether a function is running for a state machine."""
        return self._tasks > 0

    def is_busy(self) -> bool:
        """Returns whether a function is running or about to."""
        pools = list(self.pools.values())
        return any(worker.is_busy for pool in pools for worker in list(pool.workers))

    def _with_retries(
        self, pool: FunctionPool, payload: bytes, arn: str | None, wait_seconds: float
    ) -> None:
        clock.sleep(wait_seconds)
        last: Outcome | None = None
        for attempt in range(pool.spec.retries + 1):
            with contextlib.suppress(Throttled):
                outcome = pool.invoke(payload, arn)
                if outcome.stream is not None:
                    for _ in outcome.stream:
                        pass
                if outcome.function_error is None:
                    return
                last = outcome
            delay = self.retry_delays_seconds[min(attempt, len(self.retry_delays_seconds) - 1)]
            if self._stopped.wait(delay):
                return
        self.given_up(pool.spec, payload, last, pool.spec.retries + 1)

    def worker(self, key: str) -> Worker | None:
        """Returns the process with an access key id, if it lives."""
        for pool in self.pools.values():
            for worker in list(pool.workers):
                if worker.key == key:
                    return worker
        return None

    def warm(self, folders: Iterable[str] | None = None) -> None:
        """Starts one process of each of these functions (None: of all), in the background."""
        for pool in self.pools.values():
            if folders is None or pool.spec.folder in folders:
                with contextlib.suppress(RuntimeError):
                    self._later.submit(pool.warm)

    def _reap_now_and_then(self) -> None:
        while not self._stopped.wait(IDLE_SECONDS / 10):
            for pool in self.pools.values():
                pool.reap(IDLE_SECONDS)

    def stop(self) -> None:
        """Takes nothing more and kills every process."""
        self._stopped.set()
        self._later.shutdown(wait=False, cancel_futures=True)
        for pool in self.pools.values():
            pool.kill()


def _forget(_: FunctionSpec, __: bytes, ___: Outcome | None, ____: int) -> None:
    """Before there is a queue, what is given up is forgotten."""


def _given_arn(name: str) -> str | None:
    """Returns the ARN that a caller named the function by, which the function gets as its own."""
    return name if name.startswith("arn:") else None
