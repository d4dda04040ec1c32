"""A storyboard whose shots are made without the stack: the state machines' steps are taken here, in
any order, by processes that die at any call. Tables are moto's; files are left out.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from showreel.core import dynamo, settings
from showreel.core.clock import now_seconds
from showreel.core.errors import ProviderContentPolicy, ProviderRateLimited, Transient
from showreel.credits.ledger import ledger
from showreel.generation import engine as engines
from showreel.generation import lanes, outcome, reviving
from showreel.generation import store as rows
from showreel.generation.deliver import file_key
from showreel.generation.engine import Engine
from showreel.generation.models import Job, StoredFile
from showreel.generation.steps import collect as collecting
from showreel.generation.steps import submit as submitting
from showreel.generation.steps.await_webhook import await_vendor
from showreel.generation.steps.collect import collect
from showreel.generation.steps.submit import submit
from showreel.providers import circuits
from showreel.providers.base import Failed, PollResult, SubmitRequest, Succeeded, VendorTask
from showreel.results import register_products
from showreel.runs import executions
from showreel.runs.tasks import EndTask
from showreel.storyboards import access
from showreel.storyboards.batch import steps
from showreel.storyboards.batch.steps import ShotTask
from showreel.storyboards.models import ShotRow, StoryboardRow
from showreel.storyboards.store import StoryboardStore
from tests.unit.films.support import WORKSPACE
from tests.unit.generation.support import FakeVendor, Killed
from tests.unit.storyboards.support import PROJECT, SCENE, project_row, scene_row, shot_row

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:stack-x"
PICTURE, VIDEO = 3, 42
"""Credits of a shot by the default models."""
ENVIRONMENT = {
    "AUTO_GENERATE_STATE_MACHINE": "stack-auto-generate",
    "GENERATION_STATE_MACHINE": "stack-generation",
    "IMAGE_CONCURRENCY": "4",
    "VIDEO_CONCURRENCY": "2",
    "BATCHES_PER_WORKSPACE": "3",
    "RUNS_GLOBAL": "10",
    "GENERATION_TIMEOUT_SECONDS": "900",
    "LATE_RESULT_SECONDS": "600",
    "POLL_SECONDS": "10",
    "WEBHOOK_POLL_SECONDS": "60",
    "PROVIDER_SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x",
    **{
        f"{name}_URL": "https://vendor.example"
        for name in (
            *("KLING_BASE", "REPLICATE_BASE", "GOOGLE_BASE", "FAL_QUEUE", "FAL_KEYS"),
            *("GMI_BASE", "GMI_CHAT_BASE", "GROQ_BASE", "ELEVENLABS_BASE"),
        )
    },
}


class Vendor(FakeVendor):
    """Makes what it is asked for; the word of a prompt that it refuses, so many times."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__(name="fal", has_webhooks=False)
        self.dice = dice
        self.prompts: dict[str, str] = {}
        self.refuses = Counter[str]()
        self.throttles = 0
        self.open, self.most = set[str](), 0
        self.inputs: list[dict[str, Any]] = []

    def submit(self, request: SubmitRequest) -> VendorTask:
        is_new = request.external_id not in self.created
        if is_new and self.throttles and self.dice.random() < 0.5:
            self.throttles -= 1
            raise ProviderRateLimited("slow down")
        task = super().submit(request)
        self.prompts[task.task_id] = str(request.inputs["prompt"])
        self.inputs.append(dict(request.inputs))
        if is_new:
            self.open.add(task.task_id)
            self.most = max(self.most, len(self.open))
        return task

    def poll(self, task: VendorTask) -> PollResult:
        self.open.discard(task.task_id)
        prompt = self.prompts[task.task_id]
        word = next((word for word in self.refuses if word in prompt), None)
        if word is not None and self.refuses[word]:
            self.refuses[word] -= 1
            return Failed(ProviderContentPolicy("refused"))
        return Succeeded((f"https://vendor.example/{task.task_id}.jpg",))

    def find(self, lookup: Any) -> VendorTask | None:
        task_id = self.created.get(lookup.external_id)
        return VendorTask(task_id, "videos") if task_id else None


@dataclass
class Floor:
    """The executions: of runs, whose Map is at its shots, and of jobs."""

    vendor: Vendor
    dice: random.Random
    mortality: float = 0.0
    jobs: dict[str, str] = field(default_factory=dict)
    """Live executions of jobs and what is next."""
    began: set[str] = field(default_factory=set)
    runs: list[str] = field(default_factory=list)
    """Executions of runs that were started and not taken up yet."""
    answered: set[str] = field(default_factory=set)
    is_safe: bool = True
    seconds: int = field(default_factory=now_seconds)
    """The engine's time, which passes while jobs wait."""
    tries: Counter[str] = field(default_factory=Counter)

    def call(self, operation: str, _expected: Any, **request: str) -> Any:
        name = request.get("name") or request.get("executionArn", "").rpartition(":")[2]
        if operation == "start_execution" and name not in self.began:
            self.began.add(name)
            if "auto-generate" in request["stateMachineArn"]:
                self.runs.append(name)
            else:
                self.jobs[name] = "submit"
        elif operation == "stop_execution":
            self.jobs.pop(name, None)
        elif operation == "send_task_success":
            self.answered.add(request["taskToken"])
            self.jobs |= {
                job: "collect" for job in self.jobs if self.jobs[job] == request["taskToken"]
            }
        elif operation == "describe_execution":
            is_running = name in self.jobs or not any(name == job for job in self.began)
            return {"status": "RUNNING"} if is_running else None
        return {}

    def play(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Takes up runs that were started, and goes on until all is over, or `until` says so."""
        while self.runs:
            _Map(self, self.runs.pop(0).partition(".")[0]).play(until)
            if until():
                return
        while self.jobs and not until():
            self.step()

    def step(self) -> None:
        """One execution of a job goes on."""
        waiting = [name for name, what in self.jobs.items() if what in {"submit", "collect"}]
        name = self.dice.choice(waiting or sorted(self.jobs))
        job_id, what = name.partition(".")[0], self.jobs[name]
        work = submit if what == "submit" else collect
        step = self.task(lambda: work(on(), job_id))
        if step.route == "settle" and work is collect:
            self.jobs.pop(name, None)
        elif step.route == "hold":
            self.tries["hold"] += 1
            token = f"hold-{self.tries['hold']}"
            self.jobs[name] = token
            self.task(lambda: await_vendor(on().jobs, job_id, token))
        else:
            self.seconds += step.wait_seconds
            self.jobs[name] = "submit" if step.route in {"submit", "backoff"} else "collect"

    def task(self, work: Callable[[], Any]) -> Any:
        """A task of a state machine, tried again when its process dies."""
        for _ in range(200):
            self.is_safe = False
            try:
                return work()
            except (Killed, Transient):
                continue
            finally:
                self.is_safe = True
        raise AssertionError("the task was killed too often")


class _Map:
    """LoadShots, the Map and FinishRun of one run."""

    def __init__(self, floor: Floor, run_id: str) -> None:
        self.floor, self.run_id = floor, run_id

    def play(self, until: Callable[[], bool]) -> None:
        floor = self.floor
        shots = floor.task(lambda: steps.load_shots(self.run_id, ARN))
        left, going = [one["index"] for one in shots.shots], dict[int, str]()
        while left or going:
            going = {index: of for index, of in going.items() if of not in floor.answered}
            if left and len(going) < shots.at_once:
                index = left.pop(0)
                going[index] = self._make(index)
            elif going and floor.jobs:
                floor.step()
            elif going:
                raise AssertionError(f"nobody answers {going}")
            if until():
                return
        floor.task(lambda: steps.end_run(EndTask(run_id=self.run_id), ARN))

    def _make(self, index: int) -> str:
        """A state that is tried again has another token."""

        def make() -> str:
            self.floor.tries["make"] += 1
            token = f"{self.run_id}-{index}-{self.floor.tries['make']}"
            steps.make_shot(ShotTask(run_id=self.run_id, index=index, token=token), ARN)
            return token

        return str(self.floor.task(make))


def on() -> Engine:
    return engines.engine(ARN)


def shots_of(store: StoryboardStore) -> list[ShotRow]:
    return store.shots(SCENE, 100)[0]


def spent() -> int:
    entries = ledger().entries(WORKSPACE)
    return -sum(entry.amount for entry in entries if entry.kind == "capture")


def money_is_sound() -> None:
    """I1 and I2: nothing is held any more."""
    account, entries = ledger().account(WORKSPACE), ledger().entries(WORKSPACE)
    assert account.balance == account.available == sum(entry.amount for entry in entries)
    assert not list(ledger().open_holds(WORKSPACE))


def board(shots: int, **fields: Any) -> tuple[StoryboardStore, StoryboardRow, list[ShotRow]]:
    """A project with so many shots, each with a prompt that names it."""
    store = StoryboardStore(dynamo.Table("studio"))
    project = project_row(PROJECT, **fields)
    store.create_project(project)
    store.add_scene(scene_row(SCENE, location="An alley"))
    made = [shot_row(visual_prompt=f"View number{n}x of the alley") for n in range(shots)]
    for first in range(0, shots, 10):
        store.add_shots(made[first : first + 10])
    return store, project, shots_of(store)


@contextmanager
def floor(granted: int = 100_000, seed: int = 1, mortality: float = 0.0) -> Iterator[Floor]:
    """Provides the executions, over tables that a test has emptied."""
    dice = random.Random(seed)
    here = Floor(Vendor(dice), dice, mortality)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        caches: tuple[Any, ...] = (
            *(engines.engine, engines.jobs, circuits.circuits, settings.settings),
            *(access.storyboards, access.shot_media),
        )
        for cache in caches:
            cache.cache_clear()
        patch.setattr(engines, "get_provider", lambda _name: here.vendor)
        patch.setattr(collecting, "deliver", _delivered)
        patch.setattr(executions, "call_states", _mortal(here, here.call))
        patch.setattr(dynamo, "_call", _mortal(here, dynamo._call))
        patch.setattr(dynamo.time, "sleep", lambda _seconds: None)
        for module in (submitting, collecting, outcome, rows, reviving, lanes, circuits):
            patch.setattr(module, "now_seconds", lambda: here.seconds)
        ledger().grant(WORKSPACE, granted, "welcome")
        register_products()
        yield here
        for cache in caches:
            cache.cache_clear()


def _delivered(job: Job, _provider: Any, _result: Any) -> list[StoredFile]:
    kind = "image/jpeg" if job.wanted.media_type == "image" else "video/mp4"
    return [StoredFile(key=file_key(job, 0, kind), content_type=kind)]


def _mortal(here: Floor, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        if here.is_safe or here.dice.random() > here.mortality:
            return real(*args, **options)
        if here.dice.random() < 0.5:
            real(*args, **options)
        raise Killed

    return call
