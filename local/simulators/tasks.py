"""Tasks: what a vendor has accepted, whose it is and how far it came."""

import threading
from dataclasses import dataclass, field
from enum import StrEnum

from local.simulators.request_log import now_ms


class Status(StrEnum):
    """How far a task is; each vendor has its own words for these.

    A canceled one was stopped by its customer or at its deadline, an aborted one never began.
    """

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    ABORTED = "aborted"


OPEN = frozenset({Status.QUEUED, Status.RUNNING})


class DuplicateTask(Exception):
    """The account has a task of that external id already."""


class TooManyTasks(Exception):
    """The account has as many open tasks as it may have."""


@dataclass
class Task:
    """One accepted generation.

    `family` is the vendor's path for this sort of task. `due_seconds` is how long after submission
    it may end at the earliest, None never. `callback_events` are the vendor's words for what its
    customer wants to hear of. `failure` makes it end as failed, with that text. `facts` are what a
    vendor notes about its result.
    """

    provider: str
    task_id: str
    family: str
    model: str
    prompt: str
    inputs: dict[str, object]
    due_seconds: float | None
    caller: str | None = None
    external_task_id: str | None = None
    callback_url: str | None = None
    callback_events: tuple[str, ...] = ()
    cost_units: float = 0.0
    billable: bool = True
    failure: str | None = None
    status: Status = Status.QUEUED
    message: str = ""
    submitted_ms: int = field(default_factory=now_ms)
    updated_ms: int = field(default_factory=now_ms)
    started_ms: int | None = None
    finished_ms: int | None = None
    result_url: str | None = None
    result_seconds: float = 0.0
    result_bytes: int = 0
    more_urls: list[str] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)
    streamed: list[tuple[int, str]] = field(default_factory=list)
    """When each frame of a streamed text was sent, and what of the text was in it."""

    @property
    def is_open(self) -> bool:
        """Whether it still counts against the account's limit."""
        return self.status in OPEN


class TaskBook:
    """Every task of every vendor, in order of submission; safe for threads."""

    def __init__(self) -> None:
        self._tasks: dict[tuple[str, str], Task] = {}
        self._external: dict[tuple[str, str], Task] = {}
        self._lock = threading.Condition()

    def add(self, task: Task, concurrency: int | None) -> None:
        """Accept a task. Raises DuplicateTask or TooManyTasks, and then nothing is kept."""
        external = (task.provider, task.external_task_id or "")
        with self._lock:
            if external in self._external:
                raise DuplicateTask(task.external_task_id)
            if concurrency is not None and self._open_count(task.provider) >= concurrency:
                raise TooManyTasks(task.provider)
            self._tasks[task.provider, task.task_id] = task
            if task.external_task_id:
                self._external[external] = task

    def find(self, provider: str, any_id: str) -> Task | None:
        """Returns the task of that id, the vendor's or the customer's."""
        with self._lock:
            return self._tasks.get((provider, any_id)) or self._external.get((provider, any_id))

    def advance(self, task: Task, status: Status, message: str = "") -> bool:
        """Move an open task on; false if it has ended or is forgotten, so that it ends once."""
        with self._lock:
            if not self._is_waiting(task):
                return False
            task.status, task.message, task.updated_ms = status, message, now_ms()
            if status is Status.RUNNING:
                task.started_ms = task.updated_ms
            task.finished_ms = None if task.is_open else task.updated_ms
            self._lock.notify_all()
            return True

    def wait_for_end(self, task: Task, at_most_seconds: float) -> None:
        """Return when the task has ended or is forgotten, or after that long."""
        with self._lock:
            self._lock.wait_for(lambda: not self._is_waiting(task), at_most_seconds)

    def listing(self, provider: str | None = None, prompt_contains: str = "") -> list[Task]:
        """Returns the tasks of one vendor, or of all, in order of submission; with words, by
        prompt.
        """
        with self._lock:
            return [
                task
                for task in self._tasks.values()
                if provider in (None, task.provider) and prompt_contains in task.prompt
            ]

    def clear(self) -> None:
        """Forget every task."""
        with self._lock:
            self._tasks.clear()
            self._external.clear()
            self._lock.notify_all()

    def _is_waiting(self, task: Task) -> bool:
        return task.is_open and self._tasks.get((task.provider, task.task_id)) is task

    def _open_count(self, provider: str) -> int:
        return sum(task.is_open for task in self._tasks.values() if task.provider == provider)
