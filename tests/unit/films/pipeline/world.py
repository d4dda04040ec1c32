"""A film's run without its state machine: tests take the steps, in any order, and kill what they
like. Tables are moto's, pictures and FFmpeg are left out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from showreel.assembly.models import NormalisedPiece
from showreel.core.errors import AppError
from showreel.credits.ledger import ledger
from showreel.films.pipeline import context, finish, kind, start
from showreel.films.pipeline.kind import films
from showreel.films.pipeline.steps import FinishClipTask, FinishTransitionTask, PieceTokenTask
from showreel.films.pipeline.trigger import Options, trigger_video
from showreel.films.projects.models import Film
from showreel.generation import engine as engines
from showreel.generation import settle
from showreel.generation.models import Job, Result
from showreel.runs import executions
from showreel.runs.lifecycle import Lifecycle
from showreel.runs.models import Run
from tests.unit.films.support import BASE, WORKSPACE, film

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:stack-x"
ENVIRONMENT = {
    "VIDEO_PIPELINE_STATE_MACHINE": "stack-video-pipeline",
    "GENERATION_STATE_MACHINE": "stack-generation",
    "CLIP_CONCURRENCY": "3",
    "RUNS_PER_WORKSPACE": "1",
    "RUNS_GLOBAL": "5",
    "KLING_BASE_URL": "https://kling.example",
    "PROVIDER_SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x",
}
CLIP = TRANSITION = 30
CENTS = 35


@dataclass
class World:
    """One project, its latest run, and what Step Functions was asked."""

    project_id: str
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    describe: Callable[[str], dict[str, Any] | None] = lambda _name: {"status": "RUNNING"}
    before_cancel: Callable[[], None] = lambda: None
    """Done before each job is canceled, when a run ends: what happens at that very moment."""
    vendor: list[str] = field(default_factory=list)
    """Jobs whose execution was started: what a vendor may be asked for."""

    @property
    def on(self) -> Lifecycle:
        return films(ARN)

    def call(self, operation: str, _expected: Any, **request: str) -> Any:
        self.calls.append((operation, request))
        if operation == "describe_execution":
            return self.describe(request["executionArn"].rpartition(":")[2])
        if operation == "start_execution" and "generation" in request["stateMachineArn"]:
            self.vendor.append(request["name"])
        return {}

    def film(self) -> Film:
        return context.films().load(self.project_id)

    def trigger(self, **options: Any) -> Run:
        """A run that has begun."""
        run = trigger_video(self.film(), Options(**options), BASE, ARN).run
        return self.on.start(run.id, "Begins") if run.status == "queued" else run

    def run(self) -> Run:
        run_id = self.film().project.run_id
        assert run_id is not None
        return self.on.runs.get(run_id)

    def job(self, name: str, index: int) -> Job | None:
        plan = context.pieces(self.run().id).plan()
        return engines.jobs().find(plan.job_id("clip" if name == "clip" else "transition", index))

    def start(self, name: str, index: int) -> None:
        task = PieceTokenTask(run_id=self.run().id, index=index, token=f"{name}-{index}")
        (start.start_clip if name == "clip" else start.start_transition)(task, ARN)

    def deliver(self, name: str, index: int) -> Job | None:
        """The vendor's file is here and the job is settled, if there is one that isn't over."""
        job, on = self.job(name, index), engines.engine()
        if job is not None and not job.is_finished:
            on.jobs.mark_stored(job)
            settle.settle(on, job.job_id)
        return self.job(name, index)

    def finish(self, name: str, index: int) -> None:
        """The state after the job: its answer is what the job told, or nothing."""
        job = self.job(name, index)
        told = Result.of(job).model_dump(by_alias=True) if job and job.is_finished else None
        task = {"run_id": self.run().id, "index": index, "job": told, "token": "t"}
        if name == "clip":
            finish.finish_clip(FinishClipTask.model_validate(task))
        else:
            finish.finish_transition(FinishTransitionTask.model_validate(task))

    def paid(self) -> int:
        """What all runs have cost."""
        entries = ledger().entries(WORKSPACE)
        return -sum(entry.amount for entry in entries if entry.kind == "capture")

    def kept(self) -> dict[str, str]:
        """What is paid and on the project's rows, by its place."""
        found = {}
        for number, clip in enumerate(self.film().clips):
            found |= {f"clip {number}": clip.made.asset_key} if clip.made else {}
            found |= {f"transition {number}": clip.transition.asset_key} if clip.transition else {}
        return found


@contextmanager
def world(clips: int, transition: str = "seamless") -> Iterator[World]:
    """Provides a project of so many clips and a workspace with credits, over empty tables."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        engines.engine.cache_clear()
        engines.jobs.cache_clear()
        made = film(clips, transition_type=transition)
        here = World(made.project.id)
        context.films().create(made)
        ledger().grant(WORKSPACE, 10_000, "welcome")
        patch.setattr(executions, "call_states", here.call)
        piece = NormalisedPiece(digest="d", frames=120)
        patch.setattr(start.storage(), "exists", lambda _key: True)
        patch.setattr(finish, "normalise", lambda *_: piece)
        patch.setattr(finish, "normalise_generated", lambda *_: piece)
        patch.setattr(finish, "render_crossfade", lambda *_: piece)
        _watch_cancels(patch, here)
        yield here
        engines.engine.cache_clear()
        engines.jobs.cache_clear()


def _watch_cancels(patch: pytest.MonkeyPatch, here: World) -> None:
    cancel = kind.cancel_job

    def canceled(job_id: str, function_arn: str) -> Job | None:
        here.before_cancel()
        return cancel(job_id, function_arn)

    patch.setattr(kind, "cancel_job", canceled)


def refused(work: Callable[[], object]) -> str | None:
    """Does it; the code of what it raises."""
    try:
        work()
    except AppError as error:
        return error.code
    return None
