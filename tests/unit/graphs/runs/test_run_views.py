"""What callers see of a run: its stream from any event on, its nodes by page, what is kept."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.settings import ROOT
from showreel.core.errors import AppError
from showreel.graphs.models import MAX_NODES
from showreel.graphs.runs import advance as advancing
from showreel.graphs.runs import cache, kept, service, start
from showreel.graphs.runs.kind import graphs
from showreel.graphs.runs.stream import graph_events
from showreel.runs.models import TIMED_OUT
from showreel.storyboards.store import StoryboardStore
from tests.unit.films.support import ANN, EVE
from tests.unit.graphs.runs.world import (
    ARN,
    PROJECT,
    Floor,
    begin,
    floor,
    look,
    outputs,
    picture,
    text,
)
from tests.unit.storyboards.support import project_row


@pytest.fixture
def here(cloud: Any) -> Iterator[Floor]:
    StoryboardStore(cloud).create_project(project_row(PROJECT))
    with floor() as made:
        yield made


def streamed(run_id: str, after: int = 0) -> list[tuple[str, int, dict[str, Any]]]:
    """What a stream sends that has time for one look."""
    found = []
    frames = b"".join(graph_events(look(run_id), after, deadline=0.0)).decode()
    for block in frames.split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((fields["event"], int(fields["id"]), json.loads(fields["data"])))
    return found


def test_a_stream_goes_on_after_any_event_and_ends_once(here: Floor) -> None:
    run = begin([text("t", "a"), picture("a"), picture("b", "a")])
    assert [name for name, _, _ in streamed(run.id)] == ["meta"]
    here.play(until=lambda: "b" in here.vendor.orders)
    assert "complete" not in [name for name, _, _ in streamed(run.id)]
    here.play()
    every = streamed(run.id)
    assert [name for name, _, _ in every].count("complete") == 1
    assert every[-1][0] == "complete"
    assert every[-1][2]["outputs"] == outputs(run.id)
    for place, (_, number, _) in enumerate(every[:-1]):
        assert streamed(run.id, number) == every[place + 1 :]
    assert streamed(run.id, 10_000) == every[-1:], "nobody waits for more"


def test_a_run_that_timed_out_streams_an_error_with_its_outputs(here: Floor) -> None:
    here.vendor.slow.add("b")
    run = begin([picture("a"), picture("b", "a")])
    here.play(until=lambda: "b" in here.vendor.orders)
    graphs(ARN).end(run.id, TIMED_OUT)
    name, _, data = streamed(run.id)[-1]
    assert (name, data["code"], data["status"]) == ("error", "timed_out", "partial")
    assert (set(data["outputs"]), data["canceled_nodes"]) == ({"a"}, 1)


def test_a_run_is_shown_page_by_page_to_its_members_only(here: Floor) -> None:
    here.vendor.refused.add("b")
    run = begin([text("t", "a"), picture("a"), picture("b"), picture("c", "b")])
    here.play()
    first = service.look(ANN, run.id, 3, None, ARN)
    rest = service.look(ANN, run.id, 3, first.next_cursor, ARN)
    shown = {one.node_id: one.status for one in (*first.nodes, *rest.nodes)}
    assert shown == {"t": "succeeded", "a": "succeeded", "b": "failed", "c": "skipped"}
    assert (first.status, first.failed_nodes, rest.next_cursor) == ("partial", 1, None)
    for call in (
        lambda: service.look(EVE, run.id, 3, None, ARN),
        lambda: service.look(ANN, "run_missing", 3, None, ARN),
        lambda: service.cancel(EVE, run.id, 3, ARN),
    ):
        with pytest.raises(AppError) as refused:
            call()
        assert (refused.value.status, refused.value.message) == (404, "Run not found")
    with pytest.raises(AppError) as refused:
        service.look(ANN, run.id, 3, "nonsense", ARN)
    assert refused.value.code == "invalid_cursor"
    with pytest.raises(AppError) as refused:
        service.cancel(ANN, run.id, 3, ARN)
    assert refused.value.code == "run_over"


def test_what_is_kept_is_counted_listed_and_forgotten(
    here: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def files(_self: Any, keys: Any) -> dict[str, Any]:
        return {key: {"size_bytes": 1000} for key in keys}

    monkeypatch.setattr("showreel.assets.store.AssetStore.find", files)
    nodes = [picture("a"), picture("b", "a"), picture("c")]
    begin(nodes)
    here.play()
    first = kept.look_at(ANN, PROJECT, 2, None)
    rest = kept.look_at(ANN, PROJECT, 2, first.next_cursor)
    assert (first.entries, first.bytes, len(first.items), len(rest.items)) == (3, 3000, 2, 1)
    assert len({one.key for one in (*first.items, *rest.items)}) == 3
    assert rest.next_cursor is None
    begin(nodes, "request-2", use_cache=False)
    here.play()
    again = kept.look_at(ANN, PROJECT, 10, None)
    assert (again.entries, again.bytes) == (4, 4000), "b was made of another picture than before"
    assert len(again.items) == 4
    with pytest.raises(AppError):
        kept.clear(EVE, PROJECT)
    cleared = kept.clear(ANN, PROJECT)
    assert cleared.cleared_entries == again.entries
    assert kept.look_at(ANN, PROJECT, 10, None).items == ()
    third = begin(nodes, "request-3")
    assert third.credits.held == 9
    here.play()
    assert kept.look_at(ANN, PROJECT, 10, None).entries == 3


def test_what_is_kept_ends_with_its_day(here: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    begin([picture("a")])
    here.play()
    now = cache.now_seconds()
    monkeypatch.setattr(cache, "now_seconds", lambda: now + 30 * 86_400 - 3600)
    assert kept.look_at(ANN, PROJECT, 10, None).entries == 1
    monkeypatch.setattr(cache, "now_seconds", lambda: now + 31 * 86_400)
    shown = kept.look_at(ANN, PROJECT, 10, None)
    assert (shown.entries, shown.bytes, shown.items) == (0, 0, ())
    assert begin([picture("a")], "request-2").credits.held == 3


def test_the_longest_run_stays_within_an_executions_events() -> None:
    """25,000 events: eight for each look, of which there is one for each try of a node, and one
    whenever nothing has happened for a while.
    """
    machine = json.loads((ROOT / "statemachines/compute_graph.asl.json").read_text())
    advance = machine["States"]["Advance"]
    most_tries = 1 + 3
    looks = start.MOST_SECONDS / advance["TimeoutSeconds"] + MAX_NODES * most_tries
    assert 8 * looks < 25_000
    assert machine["TimeoutSeconds"] > start.MOST_SECONDS
    assert advance["TimeoutSeconds"] > 2 * advancing.WORK_SECONDS
