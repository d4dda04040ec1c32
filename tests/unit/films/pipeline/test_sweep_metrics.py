"""What the sweep tells about films and jobs: alarms stand on it."""

import json
from types import SimpleNamespace

import pytest

from showreel.core.clock import iso_at, now_seconds
from showreel.films.pipeline import reconcile
from showreel.runs.models import Run


def run(name: str, **changes: object) -> Run:
    made = Run(
        id=name,
        workspace_id="w",
        subject_id="p",
        public_base_url="https://x.example",
        limit_seconds=60,
        created_at=iso_at(now_seconds() - 900),
    )
    return made.model_copy(update=changes)


def test_the_sweep_tells_what_waits_and_what_it_could_not_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = SimpleNamespace(state=lambda: SimpleNamespace(waiting=[1], running=[1, 2]))
    monkeypatch.setattr(reconcile.context, "queue", lambda: queue)
    monkeypatch.setattr(reconcile.jobs, "due_job_ids", lambda: ["stuck"])
    late, just_late = now_seconds() - 181, now_seconds() - 60
    reconcile._measure(
        [
            run("waiting"),
            run("late", status="running", deadline_at=late),
            run("being ended", status="running", deadline_at=just_late),
        ]
    )
    told: dict[str, float] = {}
    for line in capsys.readouterr().out.splitlines():
        datum = json.loads(line)
        name = datum["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"]
        told[name] = datum[name][0]
    waited = told.pop("OldestWaitSeconds")
    assert 900 <= waited < 960
    assert told == {
        "FilmsWaiting": 1,
        "FilmsRunning": 2,
        "OverdueRuns": 1,
        "OverdueJobs": 1,
        "Sweep": 1,
    }
