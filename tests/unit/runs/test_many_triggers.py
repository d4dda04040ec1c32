"""Two hundred triggers at once from fifty workspaces: what meets in a row is a workspace's own."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from showreel.core import dynamo
from showreel.core.dynamo import Table, transact
from showreel.credits import Ledger
from showreel.runs.executions import Executions
from showreel.runs.kinds import RunLimits
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import Run, RunCredits, RunView
from showreel.runs.reconcile import _free_places

WORKSPACES, TRIGGERS, IN_ALL = 50, 200, 10
LATENCY_SECONDS = 0.1
"""So much that calls of all triggers are mixed."""


class Kind:
    """As much of a kind as starting needs."""

    name = "film"
    state_machine = "machine"
    limits = RunLimits(per_workspace=1, in_all=IN_ALL)

    def view(self, run: Run) -> RunView:
        return RunView.model_validate(run.model_dump())


class Traffic:
    """DynamoDB as many callers reach it: one call at a time, in any order, each counted."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._lock = threading.Lock()
        self.sent: Counter[tuple[str, str]] = Counter()

    def __call__(self, operation: str, **request: Any) -> Any:
        self.sent[threading.current_thread().name, operation] += 1
        time.sleep(random.uniform(0, LATENCY_SECONDS))
        with self._lock:
            return self._call(operation, **request)


@pytest.fixture
def traffic(table: Table, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traffic]:
    made = Traffic(dynamo._call)
    monkeypatch.setattr(dynamo, "_call", made)
    monkeypatch.setattr(Executions, "start", lambda *_: None)
    return made


def test_a_trigger_takes_few_transactions_however_many_come(table: Table, traffic: Traffic) -> None:
    ledger, kind = Ledger(Table("credits")), Kind()
    on = Lifecycle(table, ledger, {kind.name: lambda: kind}, "arn")
    for number in range(WORKSPACES):
        ledger.grant(f"ws_{number}", 1000, "grant")
    start = threading.Barrier(TRIGGERS)

    def trigger(number: int) -> int:
        thread = threading.current_thread()
        thread.name = f"trigger {number}"
        workspace_id, looks = f"ws_{number % WORKSPACES}", count()
        start.wait()
        while not on.begin(run(f"run_{number}_{next(looks)}", workspace_id)):
            pass
        on.dispatch(kind, [workspace_id])
        return traffic.sent[thread.name, "transact_write_items"]

    with ThreadPoolExecutor(TRIGGERS) as pool:
        transactions = sorted(pool.map(trigger, range(TRIGGERS)))
    assert transactions[TRIGGERS * 99 // 100 - 1] <= 3, Counter(transactions)
    states = [on.queue(kind).state(f"ws_{number}") for number in range(WORKSPACES)]
    assert sum(len(state.running) for state in states) == IN_ALL
    assert sum(len(state.running) + len(state.waiting) for state in states) == TRIGGERS


def run(run_id: str, workspace_id: str) -> Run:
    return Run(
        id=run_id,
        kind=Kind.name,
        workspace_id=workspace_id,
        subject_id="project",
        credits=RunCredits(held=10),
        hold_id=run_id,
        public_base_url="https://api.example",
        limit_seconds=60,
        created_at="2026-11-28T00:00:00Z",
    )


def test_the_sweep_frees_the_places_of_runs_that_are_over(table: Table, traffic: Traffic) -> None:
    """Who ended them died in between."""
    kind = Kind()
    on = Lifecycle(table, Ledger(Table("credits")), {kind.name: lambda: kind}, "arn")
    queue = on.queue(kind)
    for number, status in enumerate(("completed", "running")):
        one = run(f"run_{number}", f"ws_{number}").model_copy(update={"status": status})
        transact(on.runs.create_writes(one))
        queue.enter(one.workspace_id, one.id)
        queue.admit(one.workspace_id)
    queue._take("run_forgotten")
    _free_places(on, kind)
    assert queue.placed() == {"run_1"}
    assert not queue.state("ws_0").has("run_0")
