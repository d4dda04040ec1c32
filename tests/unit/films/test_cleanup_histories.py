"""After any history of requests that died anywhere, each object is named by a row or gone (I5)."""

import contextlib
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.client import BaseClient

from functions.every_day.app import handler
from showreel.assets import cleanup
from showreel.catalog.values import InputMediaUrl
from showreel.core.dynamo import Table
from showreel.core.errors import AppError
from showreel.films.projects import service
from showreel.films.projects.access import films
from showreel.films.projects.schemas import ClipChange, NewClip, NewProject
from showreel.music import library as music
from showreel.music.library import NewMusicTrack
from showreel.orders.media import imported
from tests.support.sounds import wav
from tests.unit.films.support import ANN, BASE, WORKSPACE, objects, rows, upload
from tests.unit.films.test_cleanup import Clock, Context, put_job, stored

SEEDS = range(8)
STEPS = 14


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBS_TABLE", "jobs")
    monkeypatch.setattr(cleanup, "now_seconds", Clock().now)


class Killed(BaseException):
    """The process is gone at this very call."""


class History:
    """Requests of one workspace, some of which die at a call to AWS, before or after it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.projects: list[str] = []
        self.jobs = 0

    @contextlib.contextmanager
    def dying(self) -> Iterator[None]:
        left, after = self.random.randint(1, 24), self.random.random() < 0.5
        whole = BaseClient._make_api_call

        def call(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
            nonlocal left
            left -= 1
            if left == 0 and not after:
                raise Killed
            answer = whole(client, operation, request)
            if left == 0:
                raise Killed
            return answer

        with pytest.MonkeyPatch.context() as patch, contextlib.suppress(Killed, AppError, OSError):
            patch.setattr(BaseClient, "_make_api_call", call)
            yield

    def run(self) -> None:
        ways: list[Callable[[], None]] = [self.create, self.add_clip, self.change_clip, self.order]
        ways += [self.remove_clip, self.delete, self.add_track, self.finish_piece, self.create]
        for _ in range(STEPS):
            with self.dying():
                self.random.choice(ways)()

    def create(self) -> None:
        clips = [{"sourceImageUrl": upload()} for _ in range(self.random.randint(1, 3))]
        body = {"name": "Home", "workspaceId": WORKSPACE, "clips": clips, "logoUrl": upload()}
        self.projects.append(service.create(ANN, NewProject.model_validate(body), BASE).id)

    def project(self) -> tuple[str, list[str]]:
        project_id = self.random.choice(self.projects or ["none"])
        return project_id, [clip.id for clip in films().load(project_id).clips]

    def add_clip(self) -> None:
        body = {"sourceImageUrl": upload(), "endImageUrl": upload()}
        service.add_clip(ANN, self.project()[0], NewClip.model_validate(body), BASE)

    def change_clip(self) -> None:
        project_id, clips = self.project()
        change = ClipChange.model_validate({"sourceImageUrl": upload()})
        service.change_clip(ANN, project_id, self.random.choice(clips or ["none"]), change, BASE)

    def remove_clip(self) -> None:
        project_id, clips = self.project()
        service.remove_clip(ANN, project_id, self.random.choice(clips or ["none"]))

    def delete(self) -> None:
        service.delete(ANN, self.project()[0])

    def add_track(self) -> None:
        body = {"workspaceId": WORKSPACE, "name": "Own", "url": upload(wav(), kind="audio/wav")}
        music.add_track(ANN, NewMusicTrack.model_validate(body), BASE)

    def order(self) -> None:
        """A single generation, as it is when it has ended, or hasn't."""
        self.jobs += 1
        job_id = f"job-{self.jobs}"
        media = (InputMediaUrl("image", upload()), InputMediaUrl("raw_image", upload()))
        with imported(WORKSPACE, media, BASE, job_id) as copies:
            first, last = copies.keys.values()
            made = f"generation-videos/{job_id}-0123456789.mp4"
            status = self.random.choice(["processing", "completed", "failed", "canceled"])
            if self.random.random() < 0.8:
                given = {"image_key": first, "end_image_key": last}
                put_job(job_id=job_id, status=status, output_key=made, **given)
        stored("generation-videos", f"workspace#{WORKSPACE}", key=made, made_by=job_id)

    def finish_piece(self) -> None:
        project_id, clips = self.project()
        self.jobs += 1
        made_by = f"job-{self.jobs}"
        made = stored("generation-videos", f"film#{project_id}", made_by=made_by)
        if self.random.random() < 0.5:
            put_job(job_id=made_by, output_key=made)
        clip = self.random.choice(clips or ["none"])
        if self.random.random() < 0.6:
            films().set_clip(project_id, clip, clip_key=made)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from strings(inner)


def named_by_all_rows() -> set[str]:
    """Reads every row there is, which the clean-up doesn't."""
    studio, jobs = rows(Table("studio")), rows(Table("jobs"))
    retired = {row["pk"] for row in studio if row.get("retired")}
    for job in jobs:
        if job["status"] in {"failed", "canceled"}:
            del job["output_key"]
    plain = [row for row in studio if row["pk"].partition("#")[0] in {"film", "music_track"}]
    named = {text for row in (*plain, *jobs) if row["pk"] not in retired for text in strings(row)}
    failed = {job["job_id"] for job in jobs if job["status"] in {"failed", "canceled"}}
    owned = (row for row in studio if str(row.get("owner")).startswith("workspace#"))
    return named | {row["key"] for row in owned if row["made_by"] not in failed}


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_week_an_object_is_named_by_a_row_or_gone(cloud: Table, seed: int) -> None:
    History(seed).run()
    before, named = objects(), named_by_all_rows()
    report = handler({}, Context())
    assert objects() == before & named
    assert sum(report["unused"].values()) == len(before - named) > 0
    left = {row["key"] for row in rows(cloud) if row["pk"].startswith("asset#")}
    assert objects() <= left
