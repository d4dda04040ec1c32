"""A storyboard with media that were made, and exports of it without their state machine: tests take
the steps, in any order. Tables are moto's; FFmpeg and the bucket's files are left out, if a test
doesn't ask for them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from showreel.assembly.models import NormalisedPiece
from showreel.assets.service import storage
from showreel.boards import StoryboardBoards, boards
from showreel.core.dynamo import Table
from showreel.core.ids import new_file_id
from showreel.credits.ledger import ledger
from showreel.cuts import lengths, service
from showreel.cuts.kind import cut_runs
from showreel.cuts.responses import CreatedExport, ExportState, Summary, TimelineView
from showreel.cuts.schemas import DirectorCutRequest, TimelineChange
from showreel.cuts.steps import compile_cut, end_cut, make_piece
from showreel.cuts.steps.events import ClipTask
from showreel.cuts.steps.load_cut import load_cut
from showreel.projects import storyboard_pk
from showreel.runs import executions
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import Run
from showreel.runs.tasks import EndTask
from showreel.storyboards import access
from showreel.storyboards.models import MediumState, ShotRow, VersionRow
from showreel.storyboards.rows import shot_pk, version_sk
from showreel.storyboards.store import StoryboardStore
from tests.unit.films.support import ANN, BASE, MOMENT, WORKSPACE
from tests.unit.storyboards.support import PROJECT, SCENE, project_row, scene_row, shot_row

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:stack-x"
ENVIRONMENT = {
    "DIRECTOR_CUT_STATE_MACHINE": "stack-director-cut",
    "EXPORTS_PER_WORKSPACE": "2",
    "IDEMPOTENCY_TABLE": "idempotency",
    "RUNS_GLOBAL": "5",
}
KINDS = {"mp3": "audio/mpeg", "mp4": "video/mp4", "jpg": "image/jpeg"}
FOLDERS = {"video": ("generation-videos", "mp4"), "image": ("project-assets", "jpg")}


@dataclass
class World:
    """Ann's project with one scene, and what Step Functions was asked."""

    table: Table
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    """What FFmpeg would have made: clips and transitions, in order."""

    @property
    def boards(self) -> StoryboardBoards:
        return boards()

    @property
    def store(self) -> StoryboardStore:
        return StoryboardStore(self.table)

    @property
    def on(self) -> Lifecycle:
        return cut_runs(ARN)

    def call(self, operation: str, _expected: Any, **request: str) -> Any:
        self.calls.append((operation, request))
        return {"status": "RUNNING"} if operation == "describe_execution" else {}

    def shot(
        self, scene: str = SCENE, *, duration_ms: int | None = None, **media: float | None
    ) -> ShotRow:
        """Adds a shot with these media, by their seconds; of a picture they don't count."""
        shot = shot_row(scene_id=scene, duration_ms=duration_ms)
        (added,) = self.store.add_shots([shot])
        for medium, seconds in media.items():
            self.show(added.id, medium, seconds)
        return added

    def show(
        self, shot_id: str, medium: str, seconds: float | None = None, data: bytes | None = None
    ) -> str:
        """Shows a medium that was made for a shot, maybe with its file; returns its key."""
        folder, ending = FOLDERS.get(medium, ("audio", "mp3"))
        key, number = f"{folder}/{new_file_id()}.{ending}", 1
        if data is not None:
            storage().put(key, data, KINDS[ending])
        state = MediumState(status="completed", key=key, version=number, versions=number)
        changes = {medium: state.model_dump(mode="json", exclude_none=True)}
        self.table.apply(self.table.set_write(shot_pk(shot_id), "shot", changes))
        keys = {"pk": shot_pk(shot_id), "sk": version_sk(medium, number)}  # type: ignore[arg-type]
        version = VersionRow(
            medium=medium,  # type: ignore[arg-type]
            number=number,
            key=key,
            duration_seconds=seconds,
            created_at=MOMENT,
        )
        self.table.put(version.model_dump(mode="json", exclude_none=True) | keys)
        return key

    def choose_music(self, data: bytes) -> None:
        """Makes an MP3 the project's music."""
        key = f"audio/{new_file_id()}.mp3"
        storage().put(key, data, "audio/mpeg")
        track = {"workspace_id": WORKSPACE, "audio_key": key}
        self.table.put({"pk": "music_track#own", "sk": "track", **track})
        project = {"music_track_id": "own"}
        self.table.apply(self.table.set_write(storyboard_pk(PROJECT), "project", project))

    def sync(self, **fields: Any) -> Summary:
        body = {"action": "sync", "projectId": PROJECT, **fields}
        return service.sync(self.boards, ANN, DirectorCutRequest.model_validate(body), ARN).summary

    def begin(self, action: str = "create", key: str | None = None, **fields: Any) -> CreatedExport:
        body = {"action": action, "projectId": PROJECT, **fields}
        request = DirectorCutRequest.model_validate(body)
        return service.begin(self.boards, ANN, request, key, BASE, ARN)

    def status(self, job_id: str) -> ExportState:
        request = DirectorCutRequest.model_validate({"action": "status", "jobId": job_id})
        state = service.act(self.boards, ANN, request, None, BASE, ARN)
        assert isinstance(state, ExportState)
        return state

    def timeline(self) -> TimelineView:
        return service.get_timeline(self.boards, ANN, PROJECT, BASE)

    def change(self, **fields: Any) -> TimelineView:
        body = {"revision": self.timeline().revision, **fields}
        change = TimelineChange.model_validate(body)
        return service.change_timeline(self.boards, ANN, PROJECT, change, BASE)

    def run(self, job_id: str) -> Run:
        return self.on.runs.get(job_id)

    def load(self, job_id: str) -> list[int]:
        return [clip["index"] for clip in load_cut(job_id, ARN).clips]

    def piece(self, job_id: str, index: int) -> None:
        make_piece.make_piece(ClipTask(run_id=job_id, index=index))

    def finalize(self, job_id: str) -> None:
        end_cut.end_cut(EndTask(run_id=job_id), ARN)

    def end(self, job_id: str, error: dict[str, str]) -> None:
        """The clean-up after an error that the state machine caught."""
        end_cut.end_cut(EndTask.model_validate({"run_id": job_id, "error": error}), ARN)

    def finish(self, job_id: str) -> ExportState:
        """All steps, one after the other."""
        for index in self.load(job_id):
            self.piece(job_id, index)
        compile_cut.compile_cut(job_id)
        self.finalize(job_id)
        return self.status(job_id)

    def money(self) -> tuple[int, int]:
        """What the workspace has, and what of it is available."""
        account = ledger().account(WORKSPACE)
        return account.balance, account.available


@contextmanager
def world(table: Table, granted: int = 100, *, with_files: bool = False) -> Iterator[World]:
    """Provides it over empty tables; `with_files` FFmpeg makes what it would make."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        here = World(table)
        patch.setattr(executions, "call_states", here.call)
        if not with_files:
            _without_files(patch, here)
        access.storyboards.cache_clear()
        here.store.create_project(project_row(PROJECT))
        here.store.add_scene(scene_row(SCENE))
        ledger().grant(WORKSPACE, granted, "welcome")
        yield here
        access.storyboards.cache_clear()


def _without_files(patch: pytest.MonkeyPatch, here: World) -> None:
    def piece(what: str) -> Callable[..., NormalisedPiece]:
        def make(*given: Any, **how: Any) -> NormalisedPiece:
            key = getattr(given[0], "asset_key", None) or f"{given[0].digest}+{given[1].digest}"
            here.made.append(f"{what} {key}")
            frames = how.get("frames") or given[1].frames(given[0].seconds)
            return NormalisedPiece(digest=key, frames=frames)

        return make

    patch.setattr(make_piece, "normalise", piece("video"))
    patch.setattr(make_piece, "move_over", piece("image"))
    patch.setattr(make_piece, "render_crossfade", piece("transition"))
    patch.setattr(compile_cut, "compile_spec", lambda spec, _directory, report: (report(1.0), spec))
    patch.setattr(compile_cut, "upload_film", lambda *_: None)
    patch.setattr(end_cut, "publish", lambda *_: None)
    patch.setattr(lengths, "video_ms", lambda _key: None)
    patch.setattr(lengths, "sound_ms", lambda _key: None)
