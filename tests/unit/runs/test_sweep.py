"""The sweep takes each item for itself, and carries on where it stopped."""

import json
import runpy
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from local.settings import ROOT
from local.template import load_yaml
from showreel.core.clock import now_iso, now_seconds
from showreel.core.dynamo import Table, transact
from showreel.core.errors import HoldClosed, Transient
from showreel.credits import Ledger
from showreel.generation import reviving
from showreel.generation.engine import Engine
from showreel.generation.store import Jobs
from showreel.providers import circuits
from showreel.runs import reconcile as module
from showreel.runs import sweep as sweeping
from showreel.runs.kinds import RunLimits
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import Run, RunView
from showreel.runs.reconcile import reconcile
from showreel.runs.store import ACTIVE_PARTITIONS, Runs
from showreel.runs.sweep import KEYS, RESERVE_SECONDS, Round, guarded, in_turn


class Toys:
    name = "toy"
    state_machine = "toy"
    limits = RunLimits(per_workspace=1, in_all=2)

    def view(self, run: Run) -> RunView:
        return RunView.model_validate(run.model_dump(include=set(RunView.model_fields)))


ARN = "arn:aws:lambda:eu-central-1:123456789012:function:stack-x"


def running(name: str) -> Run:
    return Run(
        id=name,
        kind="toy",
        workspace_id="ws",
        subject_id="p",
        status="running",
        public_base_url="https://x.example",
        limit_seconds=60,
        deadline_at=now_seconds() + 60,
        created_at=now_iso(),
    )


@pytest.fixture
def on(table: Table) -> Lifecycle:
    made = Lifecycle(table, Ledger(Table("credits")), {Toys().name: Toys}, ARN)
    for number in range(12):
        transact(made.runs.create_writes(running(f"run_{number}")))
        made.queue(made.kinds[0]).enter("ws", f"run_{number}")
    return made


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs that the sweep came to."""
    found: list[str] = []
    monkeypatch.setattr(module, "_reconcile", lambda _, run: found.append(run.id))
    return found


def sweep(table: Table, seconds: float = 60) -> Round:
    return Round(table, lambda: seconds)


def break_rows(table: Table, *names: str) -> None:
    for name in names:
        table.apply(table.set_write(name, "run", {"limit_seconds": "rubbish"}))


def every(prefix: str = "run_") -> set[str]:
    return {f"{prefix}{number}" for number in range(12)}


def test_unreadable_rows_are_passed_over(on: Lifecycle, looked_at: list[str]) -> None:
    break_rows(on.table, "run_0", "run_7")
    reconcile(on, sweep(on.table))
    assert set(looked_at) == every() - {"run_0", "run_7"}


@pytest.mark.parametrize(
    "error",
    [Transient("Step Functions: ThrottlingException"), KeyError("bug"), HoldClosed("h", "posted")],
)
def test_one_error_is_one_runs(
    on: Lifecycle,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
) -> None:
    """A throttled DescribeExecution, a bug, even a broken rule of the ledger, which is an alarm."""
    ended: list[str] = []

    def look(_: Lifecycle, run: Run) -> None:
        if run.id == "run_3":
            raise error
        ended.append(run.id)

    monkeypatch.setattr(module, "_reconcile", look)
    reconcile(on, sweep(on.table))
    assert set(ended) == every() - {"run_3"}
    told = capsys.readouterr().out
    assert "SweepSkipped" in told
    assert ("LedgerError" in told) is isinstance(error, HoldClosed)


def test_a_dispatch_that_fails_keeps_no_other_workspace_waiting(
    on: Lifecycle, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    transact(on.runs.create_writes(running("other").model_copy(update={"workspace_id": "ws_2"})))
    asked: list[str] = []

    def dispatch(_: Any, __: Any, workspace_ids: Any) -> None:
        asked.extend(workspace_ids)
        raise Transient("throttled")

    monkeypatch.setattr(Lifecycle, "dispatch", dispatch)
    reconcile(on, sweep(on.table))
    assert set(asked) == {"ws", "ws_2"}


def test_a_partition_that_cannot_be_read_hides_no_other(
    on: Lifecycle, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = type(on.runs).active_page
    broken = ACTIVE_PARTITIONS[-1]
    rows = {partition: real(on.runs, partition, None)[0] for partition in ACTIVE_PARTITIONS}

    def read(runs: Any, partition: str, start: Any) -> Any:
        if partition == broken:
            raise Transient("throttled")
        return real(runs, partition, start)

    monkeypatch.setattr(type(on.runs), "active_page", read)
    reconcile(on, sweep(on.table))
    assert set(looked_at) == every() - {row["pk"] for row in rows[broken]}


def test_what_a_round_has_no_time_for_is_done_in_the_next(
    on: Lifecycle, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five items a minute; a page of two rows, so that it stops within and between pages."""
    real = type(on.runs).active_page

    def small(runs: Any, partition: str, start: Any) -> Any:
        return runs._table.query(
            "due_shard = :shard", values={":shard": partition}, index="due", start=start, limit=2
        )

    monkeypatch.setattr(type(on.runs), "active_page", small)
    assert real is not small
    for _ in range(3):
        budget = iter([*[RESERVE_SECONDS + 1] * 5, *[0.0] * 99])
        before = len(looked_at)
        reconcile(on, Round(on.table, lambda left=budget: next(left)))
        assert len(looked_at) - before <= 5
    assert set(looked_at[:12]) == every(), "nobody twice before everybody once"
    reconcile(on, sweep(on.table))
    looked_at.clear()
    reconcile(on, sweep(on.table))
    assert sorted(looked_at) == sorted(every())


def test_a_list_that_breaks_ends_only_itself() -> None:
    done: list[int] = []

    def numbers() -> Any:
        yield 1
        raise Transient("throttled")

    assert guarded(numbers(), done.append, str) == 1
    assert done == [1]


def test_rows_of_jobs_that_cannot_be_read_keep_no_other_job(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = Table("jobs")
    for number in range(3):
        row = {"pk": f"job#{number}", "sk": "job", "job_id": str(number)}
        jobs.put(row | {"due_shard": str(number), "due_at": 1})
    engine = Engine(Jobs(jobs), Ledger(Table("credits")), lambda _: None)  # type: ignore[arg-type,return-value]
    monkeypatch.setattr(reviving, "engine", lambda arn="": replace(engine, function_arn=arn))
    asked: list[str] = []
    real = reviving.reconcile

    def look(job_id: str, arn: str) -> None:
        asked.append(job_id)
        real(job_id, arn)

    monkeypatch.setattr(reviving, "reconcile", look)
    reviving.reconcile_due(sweep(table), ARN)
    assert asked == ["0", "1", "2"], "each of them is unreadable"


def test_keys_are_those_of_all_indexes() -> None:
    resources = load_yaml(ROOT / "template.yaml")["Resources"]
    sorted_by = {"RunsTable": "due_at", "JobsTable": "due_at", "CreditsTable": "expires_at"}
    for name, by in sorted_by.items():
        table = resources[name]["Properties"]
        due = next(one for one in table["GlobalSecondaryIndexes"] if one["IndexName"] == "due")
        keys = {one["AttributeName"] for one in (*table["KeySchema"], *due["KeySchema"])}
        assert keys == {*KEYS, by}


class TestTheFunction:
    """`every_minute` as it is invoked, with what it asks of AWS throttled or broken."""

    @pytest.fixture
    def sweeps(
        self, on: Lifecycle, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[], None]:
        for name in ("RUNS", "JOBS", "CREDITS", "STUDIO"):
            monkeypatch.setenv(f"{name}_TABLE", name.lower())
        circuits.circuits.cache_clear()
        path = ROOT / "functions" / "every_minute" / "app.py"
        monkeypatch.setattr("showreel.products.all_runs", lambda _: on)
        function = runpy.run_path(str(path))["handler"]
        context = SimpleNamespace(
            invoked_function_arn=ARN, get_remaining_time_in_millis=lambda: 55_000
        )
        return lambda: function({}, context)

    @pytest.mark.parametrize("error", [Transient("throttled"), KeyError("bug")])
    @pytest.mark.parametrize(
        "broken",
        [
            (circuits.Circuits, "not_closed"),
            (Jobs, "due_page"),
            (Ledger, "expired_page"),
            (Runs, "active_page"),
        ],
        ids=["circuits", "jobs", "holds", "runs"],
    )
    def test_what_fails_ends_only_itself(
        self,
        sweeps: Callable[[], None],
        looked_at: list[str],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        broken: tuple[type, str],
        error: Exception,
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(*broken, fail)
        Ledger(Table("credits")).grant("ws", 9, "g")
        Ledger(Table("credits")).hold("ws", "h", 9, job_id="gone", expires_at_seconds=1)
        sweeps()
        told = measured(capsys.readouterr().out)
        assert told["Sweep"] == 1
        assert told["SweepSkipped"] >= 1
        assert ("OpenCircuits" in told) is (broken[1] != "not_closed")
        assert ("OverdueJobs" in told) is True
        assert bool(looked_at) is (broken[1] != "active_page")
        hold = Ledger(Table("credits")).find_hold("ws", "h")
        assert hold is not None
        assert (hold.status == "expired") is (broken[1] != "expired_page")

    def test_due_jobs_are_read_once(
        self,
        sweeps: Callable[[], None],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """What can't be looked after is counted: it stays due."""
        for number in range(3):
            row = {"pk": f"job#{number}", "sk": "job", "job_id": str(number)}
            Table("jobs").put(row | {"due_shard": str(number), "due_at": 1})
        asked: list[str] = []
        real = Jobs.due_page

        def read(jobs: Jobs, shard: str, start: Any) -> Any:
            asked.append(shard)
            return real(jobs, shard, start)

        monkeypatch.setattr(Jobs, "due_page", read)
        sweeps()
        assert sorted(asked) == ["0", "1", "2", "3"]
        assert measured(capsys.readouterr().out)["OverdueJobs"] == 3


def test_a_part_that_takes_all_the_time_is_not_always_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first: list[str] = []
    for minute in range(6):
        monkeypatch.setattr(sweeping, "now_seconds", lambda at=minute * 60: at)
        done: list[str] = []
        in_turn(**{name: partial(done.append, name) for name in ("runs", "jobs", "holds")})
        assert set(done) == {"runs", "jobs", "holds"}
        first.append(done[0])
    assert first == ["runs", "jobs", "holds"] * 2


def measured(output: str) -> dict[str, float]:
    """The metrics in what a function wrote."""
    told: dict[str, float] = {}
    for line in output.splitlines():
        datum = json.loads(line)
        for of in datum.get("_aws", {}).get("CloudWatchMetrics", []):
            told |= {one["Name"]: datum[one["Name"]][0] for one in of["Metrics"]}
    return told
