"""Trigger.dev's own packages follow runs: React's hook and the SDK, in Node."""

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.stack import Stack

from .conftest import LONG, Author, Script

pytestmark = pytest.mark.stack
LABELS = [
    "Waiting for a free slot",
    "Getting the shots ready",
    *(f"{done} of 3 shots are done" for done in (1, 2, 3)),
    "3 of 3 shots were made",
]


@dataclass
class Watched:
    """What was seen of runs that were followed at once."""

    script: Script
    ids: dict[str, str]
    restarted_at: float

    def runs(self, name: str) -> list[Any]:
        return self.script.of(name, "run")

    def requests(self, name: str) -> list[Any]:
        wanted = f"/realtime/v1/runs/{self.ids[name]}?"
        return [line for line in self.script.lines if wanted in line.get("request", "")]

    def holds(self, name: str) -> list[Any]:
        """The requests after the restart that were to be held."""
        told = [line for line in self.requests(name) if "&live=true&" in line["request"]]
        return [line for line in told if line["began"] >= self.restarted_at]

    def cuts(self, name: str) -> list[int]:
        """The statuses of requests that were broken off."""
        statuses = [line["status"] for line in self.requests(name) if not self.is_left(line)]
        return [status for status in statuses if status != 200]

    def is_left(self, request: Any) -> bool:
        """Whether the page left it, having seen the run's end."""
        return str(request["status"]).startswith("AbortError")


def labels(runs: list[Any]) -> list[str]:
    """What a page shows, without repetitions."""
    told = [run["metadata"]["status"]["label"] for run in runs]
    return [label for label, _ in itertools.groupby(told)]


@pytest.fixture(scope="module")
def watched(stack: Stack, author: Author) -> Iterator[Watched]:
    """Runs that one process follows while they go on, fail, are canceled, and wait. In the middle
    of it every process that answers the feed is killed, as no redeployment would.
    """
    ids = {"finished": author.begin(0)}
    author.ended(ids["finished"])
    ids["canceled"] = author.begin(LONG)
    ids["idle"] = author.begin(LONG)
    ids["goes"] = author.begin(0, 100, 200)
    ids["fails"] = author.begin(0, operation="submit", fault="content_policy")
    with Script("watch_runs.mjs", stack.base_url) as script:
        seen = Watched(script, ids, 0)

        def follow(name: str, by: str, token_of: str = "") -> None:
            run_id = ids[name.partition(" ")[0]]
            token = author.token(ids[token_of]) if token_of else author.token(run_id)
            script.wish({"name": name, "by": by, "runId": run_id, "token": token})
            script.until(lambda: script.of(name, "run") or script.of(name, "error"))

        def goes_on(label: str) -> None:
            names = ("goes", "goes by SDK")
            script.until(lambda: all(label in labels(seen.runs(name)) for name in names))
            stack.move_clock(100)

        follow("fails", "hook")
        follow("goes", "hook")
        follow("goes by SDK", "subscribe")
        follow("idle", "hook")
        while not seen.cuts("goes"):
            stack.functions.pool("realtime_run").kill()
            seen.restarted_at = time.monotonic()
            script.read(lambda: seen.cuts("goes"), 1)
        goes_on("1 of 3 shots are done")
        follow("canceled", "hook")
        author.cancel(ids["canceled"])
        follow("goes by events", "events")
        follow("finished", "hook")
        follow("idle with another's token", "hook", token_of="goes")
        goes_on("2 of 3 shots are done")
        followed = ("finished", "goes", "fails", "canceled", "goes by SDK", "goes by events")
        script.until(lambda: all(script.of(name, "done") for name in followed))
        follow("finished polled", "poll")
        follow("fails retrieved", "retrieve")
        script.until(lambda: len(seen.holds("idle")) >= 1)
        yield seen
    author.cancel(ids["idle"])


def test_event_source_comes_back_for_the_rest(watched: Watched) -> None:
    """Each stream ends after a second."""
    numbers = watched.script.of("goes by events", "id")
    assert numbers == sorted(set(numbers)), "nothing comes twice"
    assert watched.runs("goes by events")[-1]["status"] == "completed"


@pytest.mark.parametrize("name", ["goes", "goes by SDK"])
def test_a_page_sees_its_labels_in_order_to_the_end(watched: Watched, name: str) -> None:
    runs = watched.runs(name)
    told = labels(runs)
    assert told == [label for label in LABELS if label in told], "some may be missed"
    assert {"1 of 3 shots are done", "2 of 3 shots are done"} <= set(told)
    shares = [run["metadata"]["status"]["progress"] for run in runs]
    assert shares == sorted(shares)
    assert {run["status"] for run in runs[:-1]} <= {"QUEUED", "EXECUTING"}
    assert (runs[-1]["status"], shares[-1]) == ("COMPLETED", 100)
    assert (runs[-1]["output"]["completed"], told[-1]) == (3, "3 of 3 shots were made")
    assert runs[-1]["metadata"]["status"]["totalClips"] == 3


def test_nobody_notices_that_the_feeds_functions_were_restarted(watched: Watched) -> None:
    assert min(watched.cuts("goes")) >= 500
    assert watched.script.of("goes", "error") == []


def test_a_run_that_fails_says_why(watched: Watched) -> None:
    run = watched.runs("fails")[-1]
    assert run["status"] == "FAILED"
    assert run["error"] == {
        "name": "shots_failed",
        "message": "None of the shots could be made",
        "stackTrace": "",
    }


def test_a_run_that_waits_is_queued(watched: Watched) -> None:
    first = watched.runs("fails")[0]
    assert (first["status"], first["metadata"]["status"]["step"]) == ("QUEUED", "queued")


def test_a_canceled_run_ends_as_canceled(watched: Watched) -> None:
    run = watched.runs("canceled")[-1]
    assert (run["status"], run["metadata"]["status"]["label"]) == ("CANCELED", "Canceled")


def test_a_run_that_was_over_before_takes_one_request(watched: Watched) -> None:
    assert [run["status"] for run in watched.runs("finished")] == ["COMPLETED"]
    answered = [line for line in watched.requests("finished") if not watched.is_left(line)]
    assert len(answered) == 1


def test_another_runs_token_is_an_error_on_the_page(watched: Watched) -> None:
    (error,) = watched.script.of("idle with another's token", "error")
    assert "The token is for another run" in error
    assert '"requestId"' in error


def test_a_run_without_news_is_no_tight_loop(watched: Watched) -> None:
    """At most five requests a minute."""
    (held,) = watched.holds("idle")
    assert held["status"] == 200
    assert held["ms"] >= 16_000
    assert len(watched.runs("idle")) <= 2


def test_the_sdk_polls_and_reads(watched: Watched) -> None:
    (finished,) = watched.runs("finished polled")
    assert (finished["status"], finished["output"]["completed"]) == ("COMPLETED", 1)
    (failed,) = watched.runs("fails retrieved")
    assert (failed["status"], failed["error"]["name"]) == ("FAILED", "shots_failed")
    assert failed["metadata"]["status"]["label"] == "None of the shots could be made"
    assert "1970" not in json.dumps([finished, failed])
