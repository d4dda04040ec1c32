"""Runs as Trigger.dev's clients read them: the feed's row, the request that waits, the object."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from showreel.core.dynamo import Table, transact
from showreel.core.errors import NotFound
from showreel.runs.models import Progress, Run, RunError, RunStatus
from showreel.runs.realtime import feed
from showreel.runs.realtime.wire import feed_row, retrieved
from showreel.runs.store import Runs, StoredRuns
from tests.unit.films.pipeline.support import RUN, make_run

ENDED: dict[str, Any] = {
    "status": "failed",
    "error": RunError(code="clips_failed", message="No clip could be made"),
    "output": {"missingClips": ["clip_1"]},
    "progress": Progress(step="failed", label="No clip could be made"),
}


class Time:
    """A clock that only sleeping moves; something may happen at a moment."""

    def __init__(self, at: float = math.inf, then: Callable[[], object] = lambda: None) -> None:
        self.now, self.pauses, self._at, self._then = 0.0, list[float](), at, then

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if self.now < self._at <= self.now + seconds:
            self._then()
        self.now += seconds

    def clock(self) -> float:
        return self.now


class Context:
    """An invocation with so many seconds left."""

    def __init__(self, seconds: float = 28) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


@pytest.fixture
def begun(runs: Runs) -> Runs:
    transact(runs.create_writes(make_run()))
    return runs


def asked(
    table: Table, offset: str, time: Time | None = None, seconds: float = 28, *, live: bool = True
) -> tuple[list[Any], dict[str, Any]]:
    """Messages and headers of an answer."""
    time = time or Time()
    answer = feed.answer(
        StoredRuns(table),
        RUN,
        offset,
        is_live=live,
        context=Context(seconds),
        sleep=time.sleep,
        clock=time.clock,
    )
    return json.loads(answer.body or ""), dict(answer.headers)


def test_the_first_answer_is_the_whole_row_at_once(begun: Runs, table: Table) -> None:
    time = Time()
    messages, headers = asked(table, "-1", time, live=False)
    assert time.pauses == []
    assert [one["headers"] for one in messages] == [
        {"operation": "insert"},
        {"control": "up-to-date"},
    ]
    assert headers["electric-offset"] == "1_0"
    assert set(headers) >= {"electric-handle", "electric-schema", "electric-cursor"}
    assert headers["cache-control"] == "no-store"
    status = json.loads(messages[0]["value"]["metadata"])["status"]
    assert set(status) == {"step", "label", "clipIndex", "totalClips", "progress"}


def test_what_was_written_before_is_sent_at_once(begun: Runs, table: Table) -> None:
    begun.change(RUN, lambda _: {"status": "running"})
    time = Time()
    messages, headers = asked(table, "1_0", time)
    assert time.pauses == []
    assert (messages[0]["headers"]["operation"], headers["electric-offset"]) == ("update", "2_0")
    assert messages[0]["value"]["status"] == "EXECUTING"


def test_a_change_ends_the_wait_within_two_seconds(begun: Runs, table: Table) -> None:
    time = Time(9.0, lambda: begun.change(RUN, lambda _: {"status": "running"}))
    messages, headers = asked(table, "1_0", time)
    assert messages[0]["value"]["status"] == "EXECUTING"
    assert headers["electric-offset"] == "2_0"
    assert 9.0 <= time.now <= 11.0


def test_without_news_it_waits_for_about_twenty_seconds(begun: Runs, table: Table) -> None:
    waited = []
    for _ in range(20):
        time = Time()
        messages, headers = asked(table, "1_0", time)
        assert messages == [{"headers": {"control": "up-to-date"}}]
        assert headers["electric-offset"] == "1_0"
        assert max(time.pauses) <= 2
        assert len(time.pauses) <= 15
        waited.append(time.now)
    assert min(waited) >= 17
    assert max(waited) <= 23
    assert len(set(waited)) > 1, "those who began at once don't come back at once"


def test_it_never_outlives_its_function(begun: Runs, table: Table) -> None:
    time = Time()
    asked(table, "1_0", time, seconds=10)
    assert time.now == pytest.approx(7)


def test_an_ended_run_is_sent_in_one_write_and_then_waits(begun: Runs, table: Table) -> None:
    begun.change(RUN, lambda _: {"status": "running", "started_at": "2026-11-21T10:00:05.000Z"})
    time = Time(3.0, lambda: begun.change(RUN, lambda _: ENDED))
    messages, headers = asked(table, "2_0", time)
    row = messages[0]["value"]
    assert row["status"] == "COMPLETED_WITH_ERRORS"
    assert row["completedAt"]
    assert row["error"]["type"] == "BUILT_IN_ERROR"
    assert row["error"]["message"] == "No clip could be made"
    assert json.loads(row["output"]) == {"missingClips": ["clip_1"]}
    after = Time()
    assert asked(table, headers["electric-offset"], after)[0] == [feed.UP_TO_DATE]
    assert after.now >= 17


def test_every_write_of_the_row_moves_the_offset(begun: Runs, table: Table) -> None:
    """Also one that appends several events, and one whose events aren't the run object."""
    writes: list[Callable[[], Run]] = [
        lambda: begun.change(RUN, lambda _: {"state": {"pieces_done": [1]}}),
        lambda: begun.change(RUN, lambda _: {"cancel_requested": True}, event=("clip", {})),
        lambda: begun.change(
            RUN, lambda _: {}, event=("a", {}), more_events=[("b", {}), ("c", {})]
        ),
        lambda: begun.change(RUN, lambda _: ENDED),
    ]
    offset = "1_0"
    for write in writes:
        write()
        messages, headers = asked(table, offset)
        assert messages[0]["headers"] == {"operation": "update"}
        assert int(headers["electric-offset"].split("_")[0]) > int(offset.split("_", maxsplit=1)[0])
        offset = headers["electric-offset"]


def test_two_readers_of_one_moment_have_the_same_row(begun: Runs, table: Table) -> None:
    assert asked(table, "-1") == asked(table, "-1", live=False)


def test_a_run_that_surely_is_not_there(table: Table) -> None:
    with pytest.raises(NotFound):
        asked(table, "-1")


STATUSES: list[tuple[RunStatus, str, str]] = [
    ("queued", "PENDING", "QUEUED"),
    ("running", "EXECUTING", "EXECUTING"),
    ("completed", "COMPLETED_SUCCESSFULLY", "COMPLETED"),
    ("failed", "COMPLETED_WITH_ERRORS", "FAILED"),
    ("canceled", "CANCELED", "CANCELED"),
    ("timed_out", "TIMED_OUT", "TIMED_OUT"),
]


@pytest.mark.parametrize(("status", "in_feed", "in_object"), STATUSES)
def test_the_words_of_both_forms(status: RunStatus, in_feed: str, in_object: str) -> None:
    run = make_run().model_copy(update={"status": status})
    assert feed_row(run)["status"] == in_feed
    assert retrieved(run)["status"] == in_object
    assert retrieved(run)["isCompleted"] == run.is_over


def test_times_have_a_zone_in_the_object_only() -> None:
    times = {"started_at": "2026-11-21T10:00:05.000Z", "finished_at": "2026-11-21T10:01:05.500Z"}
    run = make_run().model_copy(update={**times, "status": "completed"})
    row, shown = feed_row(run), retrieved(run)
    names = ("createdAt", "updatedAt", "startedAt", "completedAt")
    assert not any(row[name].endswith("Z") for name in names)
    assert row["completedAt"] == "2026-11-21T10:01:05.500"
    assert shown["finishedAt"] == "2026-11-21T10:01:05.500Z"
    assert row["usageDurationMs"] == shown["durationMs"] == 60_500
    absent = retrieved(make_run())
    assert not {"startedAt", "finishedAt", "output", "error"} & set(absent), "never null"


def test_every_kind_has_a_task() -> None:
    kinds = ("film", "shots", "auto_generate", "graph", "cut")
    runs = (make_run().model_copy(update={"kind": kind}) for kind in kinds)
    tasks = [feed_row(run)["taskIdentifier"] for run in runs]
    assert tasks == ["generate-video", "shots", "auto-generate", "graph", "cut"]
