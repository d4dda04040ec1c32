"""A vendor that counts what it bills, a clock that tests move, the state machine by hand."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from showreel.core.dynamo import Table
from showreel.core.errors import ProviderError, ProviderInvalidInput, ProviderUpstream
from showreel.generation.engine import Engine
from showreel.generation.models import (
    DUE_SHARDS,
    Attempt,
    Job,
    JobOutput,
    JobRequest,
    NextStep,
    Terms,
    Wanted,
)
from showreel.generation.settle import release
from showreel.generation.steps.await_webhook import await_vendor
from showreel.generation.steps.collect import collect
from showreel.generation.steps.make_file import make
from showreel.generation.steps.submit import submit
from showreel.generation.store import DUE, Jobs
from showreel.providers.base import (
    Failed,
    Lookup,
    Pending,
    PollResult,
    Recovery,
    SubmitRequest,
    SubmitUnknown,
    Succeeded,
    VendorTask,
)

WORKSPACE = "ws_1"
START_SECONDS = 1_790_000_000
GRANT = 100


class Clock:
    """Seconds since 1970 that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = START_SECONDS

    def __call__(self) -> int:
        return self.seconds


class Killed(BaseException):
    """The process is gone at this very call."""


@dataclass
class FakeVendor:
    """Implements the port. `submits` and `polls` are scripts: an error, a result, or None."""

    name: str = "kling"
    base_url: str = "https://kling.example"
    recovery: Recovery = "resend"
    has_webhooks: bool = True
    can_cancel: bool = False
    refuses_known_keys: bool = False
    """A kinder vendor than this one: it would refuse a key that it has seen."""
    billed: Counter[str] = field(default_factory=Counter)
    result_hosts: frozenset[str] = frozenset({"*.klingai.com"})
    keeps_seconds: int = 30 * 86_400
    reads_pictures: bool = False
    created: dict[str, str] = field(default_factory=dict)
    submit_script: list[Any] = field(default_factory=list)
    poll_script: list[Any] = field(default_factory=list)
    requests: list[SubmitRequest] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)
    finds: int = 0
    is_out: Callable[[], bool] = lambda: False
    """Whether nothing that is sent there comes back, though it may have come there."""
    checks: int = 0

    def check_health(self, upstream: str) -> None:
        assert upstream
        self.checks += 1
        if self.is_out():
            raise ProviderUpstream("no answer")

    def submit(self, request: SubmitRequest) -> VendorTask:
        self.requests.append(request)
        if self.is_out():
            raise SubmitUnknown("broken off")
        said = self.submit_script.pop(0) if self.submit_script else None
        if isinstance(said, ProviderError) and not isinstance(said, SubmitUnknown):
            raise said
        if said == "lost":
            raise SubmitUnknown("never arrived")
        if request.external_id in self.created and self.refuses_known_keys:
            raise ProviderInvalidInput("external id is used")
        self.billed[request.external_id] += 1
        self.created.setdefault(request.external_id, f"task-{len(self.created) + 1}")
        if isinstance(said, SubmitUnknown):
            raise said
        return VendorTask(self.created[request.external_id], "videos")

    def poll(self, task: VendorTask) -> PollResult:
        assert task.task_id in self.created.values()
        said = self.poll_script.pop(0) if self.poll_script else Succeeded((f"{task.task_id}.mp4",))
        if isinstance(said, ProviderError):
            raise said
        assert isinstance(said, Pending | Succeeded | Failed)
        return said

    def find(self, lookup: Lookup) -> VendorTask | None:
        assert lookup.image_path == "/project-assets/a.jpg"
        self.finds += 1
        task_id = self.created.get(lookup.external_id)
        return VendorTask(task_id, "videos") if task_id else None

    def cancel(self, task: VendorTask) -> bool:
        self.canceled.append(task.task_id)
        return self.can_cancel


def grouped(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of a request or a row without their groups, put into them."""
    groups = {
        "wanted": Wanted.model_fields,
        "terms": Terms.model_fields,
        "attempt": Attempt.model_fields,
        "progress": {field.name for field in dataclasses.fields(Pending)},
        "delivery": JobOutput.model_fields,
    }
    found: dict[str, Any] = {name: {} for name in groups}
    for name, value in fields.items():
        owner = next((group for group, names in groups.items() if name in names), None)
        (found[owner] if owner else found)[name] = value
    return found


def request(job_id: str = "job", **changes: Any) -> JobRequest:
    fields: dict[str, Any] = {
        "job_id": job_id,
        "workspace_id": WORKSPACE,
        "kind": "clip",
        "catalogue_id": "kling-v2.6-pro",
        "prompt": "slow dolly in",
        "image_key": "project-assets/a.jpg",
        "duration_seconds": 5,
        "deadline_at_seconds": START_SECONDS + 900,
        "public_base_url": "https://api.example/prod",
        "parent_token": "parent-1",
    }
    return JobRequest.model_validate(grouped(fields | changes))


@dataclass
class Machine:
    """Runs the state machine's graph by hand: Retry on a kill, waits that pass."""

    engine: Engine
    clock: Clock
    render: Callable[[str], None]
    trace: list[str] = field(default_factory=list)
    attempts: int = 8

    def run(self, job_id: str, most_steps: int = 400) -> Job:
        route = "submit"
        for _ in range(most_steps):
            if route == "end":
                return self._task(lambda: self.engine.jobs.get(job_id))
            self.trace.append(route)
            match route:
                case "release":
                    return self._task(lambda: release(self.engine, job_id))
                case _:
                    route = self._go(route, job_id)
        raise AssertionError(f"no end after {most_steps} steps: {self.trace[-20:]}")

    def _go(self, route: str, job_id: str) -> str:
        if route == "render":
            self._task(lambda: self.render(job_id))
            return "collect"
        work: dict[str, Callable[[Engine, str], NextStep]] = {
            "submit": submit,
            "collect": collect,
            "make": make,
        }
        step: NextStep = self._task(lambda: work[route](self.engine, job_id))
        if step.route == "settle":
            return "end" if route == "collect" else "collect"
        return self._follow(step, job_id)

    def _follow(self, step: NextStep, job_id: str) -> str:
        if step.route in {"await", "hold"}:
            token = f"await-{len(self.trace)}"
            self._task(lambda: await_vendor(self.engine.jobs, job_id, token))
            self.clock.seconds += step.wait_seconds
            return "collect"
        if step.route == "backoff":
            self.clock.seconds += step.wait_seconds
            return "submit"
        return step.route

    def _task(self, work: Callable[[], Any]) -> Any:
        for _ in range(self.attempts):
            try:
                return work()
            except Killed:
                continue
        raise AssertionError("the task was killed too often")


def ledger_is_sound(engine: Engine, workspace_id: str = WORKSPACE) -> None:
    """I1 and I2."""
    account = engine.ledger.account(workspace_id)
    entries = engine.ledger.entries(workspace_id)
    held = sum(hold.remaining for hold in engine.ledger.open_holds(workspace_id))
    assert account.balance == sum(entry.amount for entry in entries)
    assert account.available == account.balance - held >= 0


def due(jobs: Jobs, at: int) -> list[str]:
    """The jobs that the sweep would look at then."""
    found = (
        jobs._table.query_all(DUE, values={":shard": str(shard), ":now": at}, index="due")
        for shard in range(DUE_SHARDS)
    )
    return [str(row["job_id"]) for row in chain.from_iterable(found)]


def put_run(run_id: str, **changes: Any) -> None:
    row = {"pk": run_id, "sk": "run", "status": "running", "cancel_requested": False}
    Table("runs").put(row | changes)
