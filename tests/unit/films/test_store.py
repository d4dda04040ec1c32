"""Rows: edits at once, lost replies, runs that own their project, and pages."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from showreel.core import dynamo
from showreel.core.dynamo import Table, Write, transact
from showreel.core.errors import ConditionFailed, Conflict, NotFound
from showreel.films.projects import edits
from showreel.films.projects import store as store_module
from showreel.films.projects.models import ClipRow, Film
from showreel.films.projects.store import FilmStore
from tests.unit.films.support import clip_row, fault, film

ID = "vp_1"


@pytest.fixture
def store(cloud: Table) -> FilmStore:
    store = FilmStore(cloud)
    store.create(film(2))
    return store


def reread(store: FilmStore) -> Film:
    return store.load(ID)


def test_what_is_written_is_read(store: FilmStore) -> None:
    assert reread(store) == film(2)


def test_creating_again_after_a_lost_reply_changes_nothing(store: FilmStore) -> None:
    store.create(film(2))
    assert reread(store) == film(2)


def test_an_edit_returns_what_is_then_stored(store: FilmStore) -> None:
    after = store.edit(ID, lambda now: edits.add_clip(now, clip_row("clip_new")))
    stored = reread(store)
    assert [clip.id for clip in stored.clips] == [clip.id for clip in after.clips]
    assert stored.project.version == after.project.version == 2


def test_twenty_edits_at_once_all_happen(store: FilmStore, one_at_a_time: None) -> None:
    def add(number: int) -> None:
        store.edit(ID, lambda now: edits.add_clip(now, clip_row(f"clip_x{number}")))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(18)))
    after = reread(store)
    assert len(set(after.project.clip_order)) == len(after.clips) == 20
    assert fault(lambda: add(99)).code == "too_many_clips"


def test_removing_and_reordering_at_once_keeps_the_order_whole(
    store: FilmStore, one_at_a_time: None
) -> None:
    for clip in [clip_row(f"clip_x{number}") for number in range(10)]:
        store.edit(ID, partial(edits.add_clip, clip=clip))

    def mixed(number: int) -> None:
        if number % 2:
            store.edit(ID, lambda now: edits.reorder(now, now.project.clip_order[::-1]))
        else:
            store.edit(ID, lambda now: edits.remove_clip(now, f"clip_x{number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(mixed, range(10)))
    after = reread(store)
    assert len(after.project.clip_order) == len(after.clips) == 7


def test_an_edit_whose_reply_was_lost_happens_once(
    store: FilmStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_the_reply(writes: list[Write]) -> None:
        transact(writes)
        raise ConditionFailed("the retry of a success")

    monkeypatch.setattr(store_module, "transact", lose_the_reply)
    store.edit(ID, lambda now: edits.add_clip(now, clip_row("clip_new")))
    assert reread(store).project.clip_order == ("clip_0", "clip_1", "clip_new")


def test_half_a_transaction_that_is_read_is_read_again(
    store: FilmStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, calls = dynamo._call, []

    def torn(operation: str, **request: Any) -> Any:
        answer = whole(operation, **request)
        calls.append(operation)
        if operation == "query" and len(calls) == 1:
            answer["Items"] = answer["Items"][1:]
        return answer

    monkeypatch.setattr(dynamo, "_call", torn)
    assert len(reread(store).clips) == 2
    assert calls == ["query", "query"]


def test_a_run_owns_its_project_until_it_ends(store: FilmStore) -> None:
    project = reread(store).project
    transact([store.start_write(project, "run_1", "queued", {"estimated_cost_cents": 70})])
    assert reread(store).project.status == "queued"
    with pytest.raises(ConditionFailed):
        transact([store.start_write(project, "run_2", "queued", {})])
    store.move(ID, ["queued", "generating"], "generating")
    store.move(ID, ["queued", "generating"], "generating")
    assert fault(lambda: store.edit(ID, lambda _: store_module.Edit())).code == "project_running"
    assert fault(lambda: store.retire(ID)).code == "project_running"
    with pytest.raises(ConditionFailed):
        transact([store.run_write(ID, "run_2", "completed", {})])
    transact([store.run_write(ID, "run_1", "completed", {"final_video_key": "final-videos/a.mp4"})])
    after = store.edit(ID, lambda now: edits.change_project(now, {"name": "Villa"}))
    assert (after.project.status, after.project.name) == ("completed", "Villa")
    assert reread(store).project.final_video_key == "final-videos/a.mp4"


def test_a_draft_run_of_a_finished_film_holds_it_too(store: FilmStore) -> None:
    store.move(ID, ["draft"], "completed")
    transact([store.start_write(store.load_project(ID), "run_1", "completed", {})])
    with pytest.raises(Conflict):
        store.edit(ID, lambda now: edits.change_project(now, {"name": "Villa"}))
    with pytest.raises(Conflict):
        store.retire(ID)


def test_a_status_never_moves_from_where_it_is_not(store: FilmStore) -> None:
    with pytest.raises(ConditionFailed):
        store.move(ID, ["generating"], "compiling")
    assert reread(store).project.status == "draft"


def test_a_run_that_came_between_an_edits_read_and_write_wins(store: FilmStore) -> None:
    def change(now: Film) -> store_module.Edit:
        transact([store.start_write(now.project, "run_1", "queued", {})])
        return edits.change_project(now, {"name": "Villa"})

    assert fault(lambda: store.edit(ID, change)).code == "project_running"
    assert reread(store).project.name == "Home"


def test_what_the_pipeline_keeps_on_a_clip_survives_edits(store: FilmStore) -> None:
    store.set_clip(ID, "clip_0", made={"key": "hash", "asset_key": "work/a.mp4"})
    store.edit(ID, lambda now: edits.change_clip(now, "clip_0", {"motion_prompt": "Pan left."}))
    clip: ClipRow = reread(store).clips[0]
    assert clip.made is not None
    assert clip.made.model_dump() == {"key": "hash", "asset_key": "work/a.mp4"}


def test_a_clip_deleted_meanwhile_is_not_born_again(store: FilmStore, cloud: Table) -> None:
    store.edit(ID, lambda now: edits.remove_clip(now, "clip_0"))
    store.set_clip(ID, "clip_0", status="failed")
    assert cloud.get("film#vp_1", "clip#clip_0") is None


def test_every_file_of_every_run_is_remembered(store: FilmStore) -> None:
    for number in (1, 2):
        project = store.load_project(ID)
        transact([store.start_write(project, f"run_{number}", "queued", {})])
        store.set_clip(ID, "clip_0", clip_key=f"generation-videos/{number}.mp4")
        made = {"final_video_key": f"final-videos/{number}.mp4", "error_message": None}
        transact([store.run_write(ID, f"run_{number}", "completed", made)])
    after = reread(store)
    assert after.project.file_keys == {"final-videos/1.mp4", "final-videos/2.mp4"}
    assert after.clips[0].file_keys == {"generation-videos/1.mp4", "generation-videos/2.mp4"}


def test_a_retired_film_is_hidden_until_its_deletion_is_finished(
    store: FilmStore, cloud: Table
) -> None:
    assert len(store.retire(ID).clips) == 2
    with pytest.raises(NotFound):
        store.load(ID)
    with pytest.raises(NotFound):
        store.load_project(ID)
    assert store.page(film(0).project.workspace_id, 3, None) == ([], None)
    again = store.retire(ID)
    for _ in range(2):
        store.delete(again)
    assert list(cloud.query_all("pk = :pk", values={":pk": "film#vp_1"})) == []
    with pytest.raises(NotFound):
        store.retire(ID)


def test_pages_are_newest_first_and_complete(cloud: Table) -> None:
    store = FilmStore(cloud)
    for number in range(7):
        new = film(0)
        row = {"id": f"vp_{number}", "created_at": f"2026-11-21T02:00:0{number}.000Z"}
        store.create(Film(project=new.project.model_copy(update=row), clips=()))
    found, after = [], None
    while True:
        rows, after = store.page(film(0).project.workspace_id, 3, after)
        found += [row.id for row in rows]
        if after is None:
            break
    assert found == [f"vp_{number}" for number in range(6, -1, -1)]
