"""Operations as jobs: files brought together, the result under the job's key, faults by code."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from showreel.assets import service as assets
from showreel.assets.service import storage
from showreel.core.errors import MediaError, Transient
from showreel.generation import deliver
from showreel.generation.engine import Engine
from showreel.generation.models import InputUrl, Job
from showreel.generation.service import create_job
from showreel.generation.steps import operate
from showreel.generation.steps.render_motion import render
from showreel.media.operations.models import Concat, OperationResult, Parameters
from tests.unit.generation.support import GRANT, WORKSPACE, ledger_is_sound, request

PARTS = ("generation-videos/a.mp4", "generation-videos/b.mp4")


class Tools:
    """Stands for FFmpeg: joins bytes, or fails as told."""

    def __init__(self) -> None:
        self.done: list[Parameters] = []
        self.fault: Exception | None = None

    def perform(
        self, operation: Parameters, files: Mapping[str, Sequence[Path]], directory: Path
    ) -> OperationResult:
        self.done.append(operation)
        if self.fault:
            raise self.fault
        path = directory / "out.mp4"
        path.write_bytes(b"+".join(one.read_bytes() for one in files["media"]))
        return OperationResult(path, "video/mp4", 320, 180, 2.00049)


@pytest.fixture
def tools(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Tools:
    known = Tools()
    monkeypatch.setattr(operate, "perform", known.perform)
    monkeypatch.setattr(deliver, "storage", storage)
    assets.storage.cache_clear()
    for key in PARTS:
        storage().put(key, key.encode(), "video/mp4")
    return known


def joined(engine: Engine, *keys: str, **changes: Any) -> Job:
    fields = {
        "catalogue_id": "showreel/ffmpeg",
        "inputs": {"operation": {"operation": "concat"}, "files": {"media": list(keys)}},
        "image_key": None,
        "may_be_any_media": True,
        "output_prefix": "generation-videos",
        "quoted_credits": 1,
    }
    create_job(engine, request(**(fields | changes)))
    render(engine.jobs, "job")
    return engine.jobs.get("job")


def test_the_result_is_under_the_jobs_key_with_what_it_is(engine, machine, tools):
    job = joined(engine, *PARTS)
    (file,) = job.delivery.files
    assert (file.width, file.height, file.duration_seconds) == (320, 180, 2.0)
    assert file.key.startswith("generation-videos/")
    assert file.key.endswith("-0.mp4")
    assert storage().get(file.key) == "+".join(PARTS).encode()
    assert tools.done == [Concat()]
    ended = machine.run("job")
    assert (ended.status, ended.credits_debited) == ("completed", 1)
    ledger_is_sound(engine)


def test_done_again_it_writes_the_same_object(engine, tools, monkeypatch):
    monkeypatch.setattr(engine.jobs, "mark_stored", lambda *_: None)
    first = joined(engine, *PARTS)
    render(engine.jobs, "job")
    assert not first.delivery.is_stored
    made = storage().list_page("generation-videos/")
    assert len([one.key for one in made if one.key not in PARTS]) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (MediaError("no", code="media_undecodable"), "media_undecodable"),
        (MediaError("no", code="media_crash"), "media_crash"),
    ],
)
def test_media_that_cannot_be_used_fail_the_job_for_free(engine, machine, tools, fault, code):
    tools.fault = fault
    joined(engine, *PARTS)
    render(engine.jobs, "job")
    job = machine.run("job")
    assert (job.status, job.error_code) == ("failed", code)
    assert engine.ledger.account(WORKSPACE).available == GRANT


def test_what_crashes_our_tools_once_is_tried_once_more(engine, machine, tools):
    tools.fault = MediaError("no", code="media_timeout")
    job = joined(engine, *PARTS)
    assert (job.is_decided, job.attempt.number) == (False, 2)
    tools.fault = None
    render(engine.jobs, "job")
    assert machine.run("job").status == "completed"
    assert len(tools.done) == 2
    ledger_is_sound(engine)


def test_a_fault_of_our_own_is_tried_again(engine, tools):
    tools.fault = Transient("S3")
    with pytest.raises(Transient):
        joined(engine, *PARTS)
    tools.fault = None
    render(engine.jobs, "job")
    assert engine.jobs.get("job").delivery.is_stored


def test_a_missing_file_fails_as_media_missing(engine, tools):
    assert joined(engine, "generation-videos/gone.mp4").error_code == "media_missing"


@pytest.mark.parametrize("limit", ["MAX_FILE_BYTES", "MAX_TOGETHER_BYTES"])
def test_what_the_disk_does_not_hold_is_refused(engine, tools, monkeypatch, limit):
    monkeypatch.setattr(operate, limit, len(PARTS[0]) + 3 if "TOGETHER" in limit else 3)
    assert joined(engine, *PARTS).error_code == "media_too_large"
    assert tools.done == []


def test_files_by_url_are_fetched(engine, tools, monkeypatch):
    def fetch(workspace_id: str, url: str, base_url: str, path: Path) -> None:
        path.write_bytes(url.encode())

    monkeypatch.setattr(operate, "fetch_media", fetch)
    urls = (InputUrl(path=("files", "media", 1), url="https://x.example/b.mp4", kind="video"),)
    job = joined(engine, PARTS[0], "", input_urls=urls)
    made = storage().get(job.delivery.files[0].key)
    assert made == f"{PARTS[0]}+https://x.example/b.mp4".encode()


def test_parameters_that_nobody_checked_fail_the_job(engine, tools):
    job = joined(engine, inputs={"operation": "explode", "files": {}})
    assert job.error_code == "unknown_operation"
