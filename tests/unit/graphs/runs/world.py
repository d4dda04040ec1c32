"""Graphs that run without the stack: the state machines' steps are taken here, in any order, by
processes that die at any call. Tables are moto's; vendor and files are left out.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from showreel.core import dynamo, settings
from showreel.core.errors import (
    AppError,
    InvalidInput,
    ProviderContentPolicy,
    ProviderUpstream,
    Transient,
)
from showreel.credits.ledger import ledger
from showreel.generation import engine as engines
from showreel.generation.deliver import file_key
from showreel.generation.engine import Engine
from showreel.generation.models import Job, StoredFile, Wanted
from showreel.generation.steps import collect as collecting
from showreel.generation.steps.await_webhook import await_vendor
from showreel.generation.steps.collect import collect
from showreel.generation.steps.submit import submit
from showreel.graphs.models import Artifact, Input, Part, Step
from showreel.graphs.ports import JobOrder, NodeCall, Output
from showreel.graphs.prices import StepPrice
from showreel.graphs.runs import advance as advancing
from showreel.graphs.runs import cache, making, rows, start, steps, walk
from showreel.graphs.runs.start import GraphOrder
from showreel.graphs.runs.stream import last_event
from showreel.graphs.runs.view import graph_runs
from showreel.providers import circuits
from showreel.providers.base import (
    Failed,
    Lookup,
    Pending,
    PollResult,
    SubmitRequest,
    Succeeded,
    VendorTask,
)
from showreel.results import register_products
from showreel.runs import executions
from showreel.runs.claims import Key
from showreel.runs.models import Run
from showreel.runs.tasks import EndTask
from tests.unit.films.support import BASE, WORKSPACE
from tests.unit.generation.support import FakeVendor, Killed

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:stack-x"
PROJECT = "project-1"
MODEL = "fal-ai/flux/schnell"
PRICE = 3
VENDOR_URLS = (
    *("KLING_BASE", "REPLICATE_BASE", "GOOGLE_BASE", "FAL_QUEUE", "FAL_KEYS"),
    *("GMI_BASE", "GMI_CHAT_BASE", "GROQ_BASE", "ELEVENLABS_BASE"),
)
ENVIRONMENT = {
    "COMPUTE_GRAPH_STATE_MACHINE": "stack-compute-graph",
    "GENERATION_STATE_MACHINE": "stack-generation",
    "NODE_CONCURRENCY": "4",
    "GRAPHS_PER_WORKSPACE": "3",
    "RUNS_GLOBAL": "10",
    "GRAPH_CACHE_DAYS": "30",
    "GENERATION_TIMEOUT_SECONDS": "900",
    "LATE_RESULT_SECONDS": "600",
    "POLL_SECONDS": "10",
    "WEBHOOK_POLL_SECONDS": "60",
    "PROVIDER_SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:x",
    **{f"{name}_URL": "https://vendor.example" for name in VENDOR_URLS},
}


class Vendor(FakeVendor):
    """Makes what it is asked for; refuses words of prompts, or fails them so many times."""

    def __init__(self) -> None:
        super().__init__(name="fal", has_webhooks=False, can_cancel=True)
        self.prompts: dict[str, str] = {}
        self.refused: set[str] = set()
        self.failures = Counter[str]()
        self.slow: set[str] = set()
        """Words of prompts that are never done."""
        self.open, self.most = set[str](), 0
        self.orders = Counter[str]()
        """How often each prompt was ordered and billed."""

    def submit(self, request: SubmitRequest) -> VendorTask:
        is_new = request.external_id not in self.created
        task = super().submit(request)
        prompt = self.prompts[task.task_id] = str(request.inputs["prompt"])
        if is_new:
            self.orders[prompt] += 1
            self.open.add(task.task_id)
            self.most = max(self.most, len(self.open))
        return task

    def poll(self, task: VendorTask) -> PollResult:
        prompt = self.prompts[task.task_id]
        if prompt in self.slow:
            return Pending(is_running=True, percent=40)
        self.open.discard(task.task_id)
        if prompt in self.refused:
            return Failed(ProviderContentPolicy("refused"))
        if self.failures[prompt]:
            self.failures[prompt] -= 1
            return Failed(ProviderUpstream("broke"))
        return Succeeded((f"https://vendor.example/{task.task_id}.jpg",))

    def find(self, lookup: Lookup) -> VendorTask | None:
        task_id = self.created.get(lookup.external_id)
        return VendorTask(task_id, "videos") if task_id else None

    def cancel(self, task: VendorTask) -> bool:
        self.open.discard(task.task_id)
        return super().cancel(task)


class Words:
    """A node that holds its text itself."""

    def begin(self, call: NodeCall) -> Output | JobOrder:
        text = call.inputs.texts["text"]
        if text == "bad":
            raise InvalidInput("That is no text", code="bad_text")
        return Output(artifacts=(Artifact(type="text", text=text),))

    def output(self, call: NodeCall, job: Job) -> Output:
        raise AssertionError(f"no job of {call.step.node_id}: {job.job_id}")


class Picture:
    """A node that a vendor makes."""

    def begin(self, call: NodeCall) -> Output | JobOrder:
        wanted = Wanted(media_type="image", inputs={"prompt": call.step.settings["prompt"]})
        return JobOrder(catalogue_id=MODEL, wanted=wanted)

    def output(self, call: NodeCall, job: Job) -> Output:
        files = (Artifact(type="image", key=one.key) for one in job.delivery.files)
        return Output(artifacts=tuple(files), model=job.model)


def executor_of(step: Step) -> Words | Picture:
    return Words() if step.kind == "Text" else Picture()


def text(node_id: str, words: str, *parents: str) -> Step:
    """A node of words, after those of others."""
    inputs = {"text": tuple(Input(node_id=one, type="text") for one in parents)}
    parts = (*(Part(handle="text") for _ in parents[:1]), Part(text=words))
    given = inputs if parents else {}
    return Step(node_id=node_id, kind="Text", texts={"text": parts}, inputs=given, output="text")


def picture(node_id: str, *parents: str, retries: int = 0, prompt: str | None = None) -> Step:
    """A node whose prompt is its id, made of what other pictures show."""
    return Step(
        node_id=node_id,
        kind="Image",
        model_id=MODEL,
        settings={"prompt": prompt or node_id},
        inputs={"image": tuple(Input(node_id=one, type="image") for one in parents)},
        output="image",
        retries=retries,
    )


@dataclass
class Floor:
    """The executions: of runs, each of which waits or is to go on, and of jobs."""

    vendor: Vendor
    dice: random.Random
    mortality: float = 0.0
    jobs: dict[str, str] = field(default_factory=dict)
    """Live executions of jobs and what is next."""
    graphs: dict[str, str] = field(default_factory=dict)
    """Live executions of runs: the token that each waits for, or what is next."""
    began: set[str] = field(default_factory=set)
    is_safe: bool = True
    tries: Counter[str] = field(default_factory=Counter)
    timeouts: int = 0
    """How often a run was looked after without being woken."""

    def call(self, operation: str, _expected: Any, **request: str) -> Any:
        name = request.get("name") or request.get("executionArn", "").rpartition(":")[2]
        if operation == "start_execution" and name not in self.began:
            self.began.add(name)
            if "compute-graph" in request["stateMachineArn"]:
                self.graphs[name] = "advance"
            else:
                self.jobs[name] = "submit"
        elif operation == "stop_execution":
            self.jobs.pop(name, None)
            self.graphs.pop(name, None)
        elif operation == "send_task_success":
            self._answer(request["taskToken"], request["output"])
        elif operation == "describe_execution":
            is_running = name in self.jobs or name in self.graphs or name not in self.began
            return {"status": "RUNNING"} if is_running else None
        return {}

    def _answer(self, token: str, output: str) -> None:
        for name, what in self.jobs.items():
            self.jobs[name] = "collect" if what == token else what
        for name, what in self.graphs.items():
            following = "finish" if "true" in output else "advance"
            self.graphs[name] = following if what == token else what

    def play(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Goes on until all is over, or `until` says so."""
        for _ in range(3000):
            if until() or not (self.jobs or self.graphs):
                return
            self.step()
        raise AssertionError(f"it never ends: {self.graphs} {self.jobs}")

    def step(self) -> None:
        """One execution goes on; only if none can does a wait time out, a run's if no job's can or
        a vendor never ends.
        """
        jobs = [name for name, what in self.jobs.items() if what in {"submit", "collect"}]
        runs = [name for name, what in self.graphs.items() if what in {"advance", "finish"}]
        able = sorted([*jobs, *runs]) or sorted(self.jobs)
        if able == sorted(self.jobs) and (not able or self.vendor.slow):
            able += sorted(self.graphs)
        name = self.dice.choice(able)
        self.timeouts += name in self.graphs and name not in runs
        if name in self.graphs:
            self._step_run(name)
        else:
            self._step_job(name)

    def _step_run(self, name: str) -> None:
        run_id, what = name.partition(".")[0], self.graphs[name]
        if what == "finish":
            self.task(lambda: steps.end_run(EndTask(run_id=run_id), ARN))
            self.graphs.pop(name, None)
            return

        def advance() -> None:
            self.tries["advance"] += 1
            self.graphs[name] = token = f"run-{self.tries['advance']}"
            advancing.advance(run_id, token, ARN)

        try:
            self.task(advance)
        except AppError as error:
            task = EndTask(run_id=run_id, error={"Error": type(error).__name__})
            self.task(lambda: steps.end_run(task, ARN))
            self.graphs.pop(name, None)

    def _step_job(self, name: str) -> None:
        job_id, what = name.partition(".")[0], self.jobs[name]
        work = submit if what == "submit" else collect  # also of one whose wait timed out
        step = self.task(lambda: work(on(), job_id))
        if name not in self.jobs:
            return
        if step.route == "settle" and work is collect:
            self.jobs.pop(name, None)
        elif step.route == "hold":
            self.tries["hold"] += 1
            self.jobs[name] = token = f"hold-{self.tries['hold']}"
            self.task(lambda: await_vendor(on().jobs, job_id, token))
        elif step.route == "await":
            self.jobs[name] = "await"
        else:
            self.jobs[name] = "submit" if step.route in {"submit", "backoff"} else "collect"

    def task(self, work: Callable[[], Any]) -> Any:
        """A task of a state machine, tried again when its process dies."""
        for _ in range(200):
            self.is_safe = False
            try:
                return work()
            except (Killed, Transient):
                rows.plan_of.cache_clear()
                continue
            finally:
                self.is_safe = True
        raise AssertionError("the task was killed too often")


def on() -> Engine:
    return engines.engine(ARN)


def order(
    nodes: list[Step], request_id: str = "request-1", *, use_cache: bool = True
) -> GraphOrder:
    prices = {one.node_id: StepPrice(PRICE if one.kind == "Image" else 0, 1.0) for one in nodes}
    return GraphOrder(
        workspace_id=WORKSPACE,
        project_id=PROJECT,
        steps={one.node_id: one for one in nodes},
        prices=prices,
        use_cache=use_cache,
        request_id=request_id,
    )


def begin(nodes: list[Step], request_id: str = "request-1", *, use_cache: bool = True) -> Run:
    key = Key((WORKSPACE, "compute-execute", request_id), "digest")
    wanted = order(nodes, request_id, use_cache=use_cache)
    return start.begin(wanted, key, BASE, ARN).run


def look(run_id: str) -> Run:
    return graph_runs().get(run_id)


def events(run_id: str, name: str | None = None) -> list[dict[str, Any]]:
    every = graph_runs().events(run_id)
    return [one.data for one in every if name is None or one.name == name]


def outputs(run_id: str) -> dict[str, Any]:
    """What each node gave."""
    return last_event(look(run_id))[1]["outputs"]  # type: ignore[no-any-return]


def spent() -> int:
    entries = ledger().entries(WORKSPACE)
    return -sum(entry.amount for entry in entries if entry.kind == "capture")


def money_is_sound() -> None:
    """I1 and I2: nothing is held any more."""
    account, entries = ledger().account(WORKSPACE), ledger().entries(WORKSPACE)
    assert account.balance == account.available == sum(entry.amount for entry in entries)
    assert not list(ledger().open_holds(WORKSPACE))


@contextmanager
def floor(
    granted: int = 100_000,
    seed: int = 1,
    mortality: float = 0.0,
    environment: Mapping[str, str] = {},
) -> Iterator[Floor]:
    """Provides the executions, over tables that a test has emptied."""
    dice = random.Random(seed)
    here = Floor(Vendor(), dice, mortality)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (ENVIRONMENT | dict(environment)).items():
            patch.setenv(name, value)
        caches: tuple[Any, ...] = (
            *(engines.engine, engines.jobs, circuits.circuits, settings.settings),
            *(cache.cache_of, rows.plan_of),
        )
        for one in caches:
            one.cache_clear()
        patch.setattr(engines, "get_provider", lambda _name: here.vendor)
        patch.setattr(collecting, "deliver", _delivered)
        patch.setattr(walk, "executor_of", executor_of)
        patch.setattr(making, "executor_of", executor_of)
        patch.setattr(executions, "call_states", _mortal(here, here.call))
        patch.setattr(dynamo, "_call", _mortal(here, dynamo._call))
        patch.setattr(dynamo.time, "sleep", lambda _seconds: None)
        ledger().grant(WORKSPACE, granted, "welcome")
        register_products()
        yield here
        for one in caches:
            one.cache_clear()


def _delivered(job: Job, _provider: Any, _result: Any) -> list[StoredFile]:
    return [StoredFile(key=file_key(job, 0, "image/jpeg"), content_type="image/jpeg")]


def _mortal(here: Floor, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **options: Any) -> Any:
        if here.is_safe or here.dice.random() > here.mortality:
            return real(*args, **options)
        if here.dice.random() < 0.5:
            real(*args, **options)
        raise Killed

    return call
