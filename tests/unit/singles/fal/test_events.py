"""A job's events, read from its row as it changes."""

import json
from collections.abc import Callable
from typing import Any

from showreel.core.errors import Transient
from showreel.edge.following import HEARTBEAT_SECONDS
from showreel.generation.models import Job
from showreel.singles.fal.events import follow
from tests.unit.orders.support import KLING, job, over

FILE = {
    "key": "generation-videos/a-long-enough-name.mp4",
    "content_type": "video/mp4",
    "width": 1280,
    "height": 720,
    "duration_seconds": 5.0,
}
URL = "https://api.example.com/prod/storage/v1/object/public/" + str(FILE["key"])
DONE = {"credits_debited": 20, "files": [FILE], "is_stored": True}


class Row:
    """A row that changes at each look, and a clock that sleeping moves on."""

    def __init__(self, *states: Job | Exception) -> None:
        self._states = list(states)
        self.now = 0.0

    def read(self, _job_id: str) -> Job:
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        if isinstance(state, Exception):
            raise state
        return state

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pieces(self, first: Job, deadline: float = 800.0) -> list[bytes]:
        clock: Callable[[], float] = lambda: self.now  # noqa: E731 - one word
        return list(follow(first, "r", self.read, deadline=deadline, sleep=self.sleep, clock=clock))


def events(pieces: list[bytes]) -> list[dict[str, Any]]:
    lines = [piece for piece in pieces if piece.startswith(b"data: ")]
    assert all(line.endswith(b"\n\n") and line.count(b"\n") == 2 for line in lines)
    return [json.loads(line.removeprefix(b"data: ")) for line in lines]


def steps(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event["event"] for event in told if event["type"] == "progress"]


def test_progress_is_sent_in_the_vendors_words_and_never_goes_back() -> None:
    row = Row(
        job(queue_position=3, accepted_at="t"),
        job(queue_position=1, accepted_at="t"),
        job(is_running=True, percent=80, accepted_at="t"),
        job(status="submitting", number=2),
        job(status="storing", accepted_at="t"),
        over("completed", **DONE),
    )
    told = events(row.pieces(job(status="queued")))
    seen = steps(told)
    words = [step["status"] for step in seen]
    assert list(dict.fromkeys(words)) == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    assert words == sorted(words, key=list(dict.fromkeys(words)).index)
    shares = [step["progress"] for step in seen]
    assert shares == sorted(shares)
    assert (shares[-2], shares[-1]) == (0.95, 1.0)
    assert [step["queue_position"] for step in seen if step["queue_position"]] == [3, 1]
    assert [event["type"] for event in told][-1] == "done"


def test_time_alone_is_no_progress_and_logs_are_passed_on() -> None:
    long_ago = {"created_at": "2020-01-01T00:00:00.000Z"}
    waiting = job(**long_ago, queue_position=2, accepted_at="t")
    running = job(**long_ago, is_running=True, logs=("Generating...",), accepted_at="t")
    seen = steps(events(Row(waiting, running, over("completed", **DONE)).pieces(waiting)))
    assert [(step["status"], step["progress"]) for step in seen] == [
        ("IN_QUEUE", 0.1),
        ("IN_PROGRESS", 0.2),
        ("COMPLETED", 1.0),
    ]
    assert seen[1]["logs"] == [{"message": "Generating..."}]


def test_a_result_without_the_vendors_own_form_has_the_usual_one() -> None:
    meta, *_, done = events(Row(over("completed")).pieces(over("completed", **DONE)))
    assert (meta["type"], meta["job_id"], meta["request_id"]) == ("meta", "j", "r")
    assert done["result"]["video"] == done["files"][0]
    assert done["result"]["video"]["url"] == done["storage_url"] == URL
    picture = over("completed", media_type="image", result='{"images": [{"url": "u"}]}', **DONE)
    assert events(Row(picture).pieces(picture))[-1]["result"] == {"images": [{"url": "u"}]}


def test_nothing_is_the_end_before_the_money_is_settled() -> None:
    unsettled = over("completed", **DONE).model_copy(update={"settled_at": None})
    row = Row(unsettled, unsettled, over("completed", **DONE))
    told = events(row.pieces(unsettled))
    assert [event["type"] for event in told] == ["meta", "progress", "done"]
    assert row.now > 0.5


def test_another_model_is_disclosed_once() -> None:
    changed = {"model": "other", "fallback_used": True, "fallback_reason": "model_gone:…"}
    told = events(
        Row(job(**changed), job(**changed), over("completed", **changed, **DONE)).pieces(job())
    )
    found = [event for event in told if event["type"] == "fallback"]
    assert len(found) == 1
    assert (found[0]["requested_model"], found[0]["resolved_model"]) == (KLING, "other")
    assert (found[0]["fallback_used"], found[0]["fallback_reason"]) == (True, "model_gone:…")
    again = events(Row(over("completed")).pieces(over("completed", **changed, **DONE)))
    assert again[0]["resolved_model"] == "other"
    assert "fallback" not in [event["type"] for event in again]


def test_a_silent_wait_has_heartbeats_and_ends_in_time_without_a_verdict() -> None:
    row = Row(Transient("just now"))
    pieces = row.pieces(job(created_at="2020-01-01T00:00:00.000Z"), deadline=95)
    beats = [piece for piece in pieces if piece == b": still here\n\n"]
    assert 95 / HEARTBEAT_SECONDS - 2 <= len(beats) <= 95 / HEARTBEAT_SECONDS
    assert pieces[-1].startswith(b": ")
    assert {event["type"] for event in events(pieces)} == {"meta", "progress"}
    assert row.now <= 95


def test_a_failure_is_reported_by_its_class_alone() -> None:
    failed = over("failed", error_code="content_policy")
    told = events(Row(failed).pieces(failed))
    assert [event["type"] for event in told] == ["meta", "error"]
    assert (told[1]["code"], told[1]["credits"]) == ("content_policy", 0)
    assert told[1]["error"] == told[1]["message"]
