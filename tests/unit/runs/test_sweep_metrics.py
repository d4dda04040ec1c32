"""What the sweep reports about films and jobs: alarms stand on it."""

import json

import pytest

from showreel.core.clock import iso_at, now_seconds
from showreel.runs import reconcile
from showreel.runs.models import Run


def run(name: str, **changes: object) -> Run:
    made = Run(
        id=name,
        kind="film",
        workspace_id="w",
        subject_id="p",
        public_base_url="https://x.example",
        limit_seconds=60,
        created_at=iso_at(now_seconds() - 900),
    )
    return made.model_copy(update=changes)


def test_the_sweep_reports_what_waits_and_what_it_could_not_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
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
        "RunsWaiting": 1,
        "RunsRunning": 2,
        "OverdueRuns": 1,
    }
