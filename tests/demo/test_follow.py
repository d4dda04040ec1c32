"""Following a run: its stream, a stream that breaks, and no stream at all."""

from collections.abc import Iterator
from typing import Any, cast

import httpx

from local.demo.follow import follow
from local.demo.studio_client import ServerEvent, StudioClient, parse_events


def run(percent: int, status: str = "running") -> dict[str, Any]:
    return {"status": status, "progress": {"progress": percent}}


class Scripted:
    """A client whose streams and answers are given."""

    def __init__(self, streams: list[list[Any]], polls: list[dict[str, Any]]) -> None:
        self.streams, self.polls = streams, polls
        self.asked_after: list[str | None] = []

    def events(self, _run_id: str, after: str | None) -> Iterator[ServerEvent]:
        self.asked_after.append(after)
        for part in self.streams.pop(0) if self.streams else [httpx.ReadError("gone")]:
            if isinstance(part, Exception):
                raise part
            yield part

    def run(self, _run_id: str) -> dict[str, Any]:
        return self.polls.pop(0)


def followed(scripted: Scripted) -> list[dict[str, Any]]:
    return list(follow(cast("StudioClient", scripted), "run_1", sleep=lambda _: None))


def event(number: int, percent: int, status: str = "running") -> ServerEvent:
    return ServerEvent("status", run(percent, status), str(number))


def test_a_stream_is_followed_to_its_end() -> None:
    scripted = Scripted([[event(1, 5), event(2, 100, "completed")]], [])
    assert [r["progress"]["progress"] for r in followed(scripted)] == [5, 100]


def test_a_broken_stream_goes_on_where_it_was() -> None:
    scripted = Scripted([[event(1, 5), httpx.ReadError("gone")], [event(2, 100, "failed")]], [])
    assert [r["progress"]["progress"] for r in followed(scripted)] == [5, 100]
    assert scripted.asked_after == [None, "1"]


def test_a_stream_that_ends_by_itself_goes_on_where_it_was() -> None:
    quiet: list[Any] = []
    scripted = Scripted([[event(1, 5)], quiet, [event(2, 40)], [event(3, 100, "completed")]], [])
    assert [r["progress"]["progress"] for r in followed(scripted)] == [5, 40, 100]
    assert scripted.asked_after == [None, "1", "1", "2"]


def test_without_streams_the_run_is_asked_for_again_and_again() -> None:
    polls = [run(5), run(5), run(40), run(100, "canceled")]
    assert [r["progress"]["progress"] for r in followed(Scripted([], polls))] == [5, 40, 100]


def test_events_are_parsed_from_lines() -> None:
    lines = [": hello", "event: status", 'data: {"a": 1}', "id: 7", "retry: 2000", "", ": beat"]
    lines += ["", "event: end", 'data: {"b": 2}', ""]
    assert list(parse_events(iter(lines))) == [
        ServerEvent("status", {"a": 1}, "7"),
        ServerEvent("end", {"b": 2}, None),
    ]
