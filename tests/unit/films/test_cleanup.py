"""The clean-up: what no row names is gone after a week, and nothing else ever is."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from functions.every_day.app import handler
from showreel.assets import cleanup, keys
from showreel.assets import service as assets
from showreel.assets.storage import Storage
from showreel.assets.store import AssetStore
from showreel.core.dynamo import Table
from showreel.core.errors import Transient
from showreel.core.ids import new_file_id
from showreel.films.projects import service
from showreel.films.projects.access import films
from showreel.films.projects.schemas import ClipChange
from showreel.music import library as music
from showreel.music.library import NewMusicTrack
from tests.support.cloud import client
from tests.support.sounds import wav
from tests.unit.films.support import ANN, BASE, WORKSPACE, Project, objects, rows, upload
from tests.unit.orders.support import job

WEEK_SECONDS = 8 * 86_400


class Clock:
    """Lets days pass for the clean-up."""

    def __init__(self) -> None:
        self.seconds = WEEK_SECONDS

    def now(self) -> int:
        return int(time.time()) + self.seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(cleanup, "now_seconds", made.now)
    return made


class Context:
    """How much time the invocation has left: enough for so many looks at the clock."""

    def __init__(self, looks: int = 1000) -> None:
        self.looks = looks

    def get_remaining_time_in_millis(self) -> int:
        self.looks -= 1
        return 900_000 if self.looks >= 0 else 0


def clean(looks: int = 1000, **event: Any) -> dict[str, Any]:
    return handler(event, Context(looks))


def stored(bucket: str, owner: str | None, kind: str = "video/mp4", **fields: Any) -> str:
    """An object with its row; without an owner none."""
    key = fields.pop("key", f"{bucket}/{new_file_id()}.{keys.EXTENSIONS[kind]}")
    assets.storage().put(key, b"data", kind)
    if owner is not None:
        assets.asset_rows().record(WORKSPACE, key, kind, 4, owner=owner, **fields)
    return str(key)


def put_job(**fields: Any) -> None:
    status = fields.get("status", "completed")
    ends = {"finished_at": "2026-11-20T10:00:00.000Z"} if status != "processing" else {}
    Table("jobs").put(job(**{"workspace_id": WORKSPACE, "status": status} | ends | fields).row(0))


@pytest.fixture(autouse=True)
def jobs_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_TABLE", "jobs")


def test_an_upload_goes_when_it_was_copied_and_its_copies_stay(
    cloud: Table, project: Project
) -> None:
    made = project(2)
    pictures = objects("project-assets/")
    assert len(pictures) == 2
    assert objects("uploads/")
    report = clean()
    assert report["unused"] == {"uploads": len(report["samples"])}
    assert objects() == pictures
    assert service.get(ANN, made.id, BASE).clips[0].source_image_url
    assert {row["key"] for row in rows(cloud) if row["pk"].startswith("asset#")} == pictures


def test_what_is_young_stays(cloud: Table, project: Project, clock: Clock) -> None:
    clock.seconds = 6 * 86_400
    project(1)
    stored("final-videos", None)
    before = objects()
    report = clean()
    assert (report["looked_at"], report["unused"]) == (len(before), {})
    assert objects() == before


def test_pictures_that_no_clip_shows_any_more_go(cloud: Table, project: Project) -> None:
    """A process died after it had written the clip's new picture and before it removed the old."""
    made = project(1)
    (old,) = objects("project-assets/")
    change = ClipChange.model_validate({"sourceImageUrl": upload()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "delete_assets", lambda _: None)
        service.change_clip(ANN, made.id, made.clips[0].id, change, BASE)
    assert old in objects()
    clean()
    (left,) = objects()
    assert left != old


def test_pieces_of_deleted_projects_go_also_if_the_deletion_was_cut_short(
    cloud: Table, project: Project
) -> None:
    kept, doomed, half = project(1), project(1), project(1)
    film = f"film#{half.id}"
    named = stored("generation-videos", f"film#{kept.id}", made_by="j-1")
    films().set_clip(kept.id, kept.clips[0].id, clip_key=named)
    stored("generation-videos", f"film#{doomed.id}", made_by="j-2")
    stored("final-videos", film)
    service.delete(ANN, doomed.id)
    films().retire(half.id)
    assert all(row["expires_at"] for row in rows(cloud) if row["pk"] == film)
    source = kept.clips[0].source_image_url.rpartition("/")[2]
    clean()
    assert objects() == {named, f"project-assets/{source}"}


def test_every_file_that_a_project_ever_showed_stays(cloud: Table, project: Project) -> None:
    made = project(1)
    made_before = [stored("final-videos", f"film#{made.id}") for _ in range(2)]
    for film in made_before:
        films().set_clip(made.id, made.clips[0].id, draft_clip_key=film)
    clean()
    assert objects("final-videos/") == set(made_before)


def test_a_film_that_never_came_to_its_end_leaves_nothing(cloud: Table, project: Project) -> None:
    """It was stored, then the run ended before the film was published."""
    made = project(1)
    stored("final-videos", None)
    stored("final-videos", f"film#{made.id}", "image/jpeg")
    clean()
    assert objects("final-videos/") == set()


@pytest.mark.parametrize(
    ("status", "made_stays", "given_stays"),
    [
        ("completed", True, True),
        ("processing", True, True),
        ("failed", False, True),
        ("canceled", False, True),
        (None, True, False),
    ],
)
def test_a_job_keeps_what_it_is_made_of_and_what_it_made(
    cloud: Table, status: str | None, made_stays: bool, given_stays: bool
) -> None:
    """A delivered video outlives the row of its job; of one that failed nothing is kept."""
    made = stored("generation-videos", f"workspace#{WORKSPACE}", made_by="job-1")
    given = stored("project-assets", "job#job-1", "image/jpeg")
    if status:
        put_job(job_id="job-1", status=status, output_key=made, image_key=given)
    clean()
    assert objects() == ({made} if made_stays else set()) | ({given} if given_stays else set())


def test_what_a_job_did_not_name_in_the_end_goes(cloud: Table) -> None:
    """Another request with the same key was faster; an attempt before had more files."""
    files = [stored("audio", "workspace#w", "audio/mpeg", made_by="job-1") for _ in range(2)]
    stored("project-assets", "job#job-1", "image/jpeg")
    told = [{"key": files[0], "content_type": "audio/mpeg"}]
    put_job(job_id="job-1", output_key="audio/start", files=told)
    clean()
    assert objects() == {files[0]}


def test_a_paid_piece_that_is_on_no_clip_yet_stays_as_long_as_its_job(
    cloud: Table, project: Project
) -> None:
    made = project(1)
    piece = stored("generation-videos", f"film#{made.id}", made_by="job-1")
    put_job(job_id="job-1", output_key=piece)
    clean()
    assert objects("generation-videos/") == {piece}
    Table("jobs").delete("job#job-1", "job")
    clean()
    assert objects("generation-videos/") == set()


def test_music_stays_while_its_track_does(cloud: Table) -> None:
    body = {"workspaceId": WORKSPACE, "name": "Own", "url": upload(wav(), kind="audio/wav")}
    track = music.add_track(ANN, NewMusicTrack.model_validate(body), BASE)
    music.list_tracks(ANN, WORKSPACE, 10, None, BASE)
    lost = stored("audio", "music_track#track_none", "audio/wav")
    clean()
    left = objects()
    assert lost not in left
    assert f"audio/{track.url.rpartition('/')[2]}" in left
    assert len([key for key in left if key.startswith("audio/builtin-")]) == len(left) - 1


def test_what_is_not_understood_is_never_touched(cloud: Table) -> None:
    """A row of an older release, another product's owner, a job that this release can't read."""
    old = stored("project-assets", "x", "image/jpeg")
    cloud.update(f"asset#{old.rpartition('/')[2]}", "asset", "REMOVE #o", names={"#o": "owner"})
    other = stored("project-assets", "graph#1", "image/jpeg")
    odd = stored("project-assets", "job#odd", "image/jpeg")
    Table("jobs").put({"pk": "job#odd", "sk": "job", "status": "strange"})
    report = clean()
    assert objects() == {old, other, odd}
    assert report["unknown"] == 1


def test_a_dry_run_lists_what_is_unused_and_deletes_nothing(cloud: Table) -> None:
    doomed = {stored("generation-videos", None), stored("uploads", "nobody", "image/jpeg")}
    before = rows(cloud)
    report = clean(dry_run=True)
    assert report["dry_run"] is True
    assert (report["unused"], report["unused_bytes"]) == ({"generation-videos": 1, "uploads": 1}, 8)
    assert set(report["samples"]) == objects() == doomed
    assert rows(cloud) == before
    after = clean(dry_run=True, start_after=min(doomed))
    assert after["samples"] == [max(doomed)]
    clean()
    assert objects() == set()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Callable[..., list[Any]] = Storage.list_page
    monkeypatch.setattr(Storage, "list_page", lambda self, *place: whole(self, *place)[:2])


def test_it_takes_up_where_it_stopped(cloud: Table, small_pages: None) -> None:
    doomed = sorted(stored(bucket, None) for bucket in ("audio", "uploads") for _ in range(5))
    first = clean(looks=1)
    assert (first["looked_at"], first["next"]) == (4, doomed[3])
    assert objects() == set(doomed[4:])
    stored("audio", None, key="audio/0000000000000000.mp4")
    rest = clean()
    assert (rest["looked_at"], rest["next"]) == (6, None)
    assert objects() == {"audio/0000000000000000.mp4"}
    clean()
    assert objects() == set()


def test_two_at_once_do_no_harm(cloud: Table, small_pages: None) -> None:
    for _ in range(6):
        stored("audio", None)
    kept = stored("generation-videos", f"workspace#{WORKSPACE}", made_by="j")
    whole = AssetStore.find
    with pytest.MonkeyPatch.context() as patch:

        def with_another(self: AssetStore, wanted: Any) -> Any:
            patch.setattr(AssetStore, "find", whole)
            clean()
            return whole(self, wanted)

        patch.setattr(AssetStore, "find", with_another)
        clean()
    assert objects() == {kept}
    assert not [row for row in rows(cloud) if row["pk"] == "cleanup"]


def test_what_a_row_comes_to_name_meanwhile_stays(cloud: Table, project: Project) -> None:
    """The rows are read again right before anything is deleted."""
    made = project(1)
    piece = stored("generation-videos", f"film#{made.id}", made_by="j")
    whole, looks = AssetStore.find, 0
    with pytest.MonkeyPatch.context() as patch:

        def named_meanwhile(self: AssetStore, wanted: Any) -> Any:
            nonlocal looks
            looks += 1
            if looks == 4:  # one for the uploads' page would come later
                films().set_clip(made.id, made.clips[0].id, clip_key=piece)
            return whole(self, wanted)

        patch.setattr(AssetStore, "find", named_meanwhile)
        patch.setattr(cleanup, "BUCKETS", {"generation-videos"})
        looks = 2
        clean()
    assert looks == 4
    assert objects("generation-videos/") == {piece}


def test_a_page_that_fails_does_not_keep_others_from_their_turn(
    cloud: Table, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    doomed = sorted(stored("audio", None) for _ in range(6))
    whole, calls = Storage.delete, 0

    def fails_once(self: Storage, *wanted: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise Transient("S3: SlowDown")
        whole(self, *wanted)

    monkeypatch.setattr(Storage, "delete", fails_once)
    report = clean()
    assert (report["failed_pages"], report["unused"]) == (1, {"audio": 4})
    assert objects() == set(doomed[:2])
    clean()
    assert objects() == set()


def test_only_public_files_are_looked_at(cloud: Table) -> None:
    """What lies under `work/` expires by itself."""
    client("s3").put_object(Bucket="media-bucket", Key="work/pieces/a/clip.mp4", Body=b"x")
    assert clean()["looked_at"] == 0
    assert objects() == {"work/pieces/a/clip.mp4"}
