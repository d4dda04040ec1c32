"""One history from its seed, and many at once on one stack."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.stack import Stack
from showreel.generation.models import Job
from tests.chaos.histories.faults import Breaker
from tests.chaos.histories.ground import BOUND_SECONDS, Ground
from tests.chaos.histories.invariants import FilmMoney, Violation, film_money, violations
from tests.chaos.histories.record import Record
from tests.chaos.histories.users import (
    ACTS,
    BATCH_EVERY,
    FILM_EVERY,
    GRAPH_EVERY,
    SHOTS_EVERY,
    Act,
    GaveUp,
    User,
    film,
    graph,
    pictures,
    shots,
    video,
)
from tests.support.http import call

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

CREDITS = 400
SAMPLE_SECONDS = 0.3


@dataclass
class Outcome:
    """What a history came to."""

    seed: int
    faults: Counter[str]
    broken: int
    """Calls of ours that faults broke, of whoever's history."""
    made: Counter[str]
    """Jobs and runs, by how they ended."""
    money: FilmMoney
    violations: list[Violation]

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items()))
        told = "".join(f"\n    {violation}" for violation in self.violations)
        made = ", ".join(f"{count} {what}" for what, count in sorted(self.made.items()))
        return f"seed {self.seed}: {made or 'nothing'}; {kinds or 'no faults'}{told}"


class Calm(random.Random):
    """Chance as it usually goes: the first of a choice, and nothing that is unlikely."""

    def random(self) -> float:
        return 0.99

    def choice[T](self, seq: "SupportsLenAndGetItem[T]") -> T:
        return seq[0]


class History:
    """One workspace and what happens in it."""

    def __init__(
        self,
        seed: int,
        stack: Stack,
        acts: Sequence[Act] = (),
        *,
        unbroken: bool = False,
        film_every: int = FILM_EVERY,
    ) -> None:
        """Makes its user; `acts` are what it does, if not drawn from the seed."""
        self.seed = seed
        self.film_every = film_every
        self.unbroken = unbroken
        self.chance = Calm(seed) if unbroken else random.Random(seed)
        made = call("POST", f"{stack.aws_endpoint}/_local/workspaces", {"credits": CREDITS})[1]
        mark = f"take-{seed}-{made['workspace_id'][:6]}"
        self.user = User(stack, self.chance, mark, made["workspace_id"], made["token"])
        self.breaker = Breaker(stack, self.chance)
        if not unbroken:
            self.user.spoil = self.breaker.spoil
        self.record = Record()
        self.acts = list(acts) or self._draw()
        if {film, video} & set(self.acts):
            self.user.image()

    def _draw(self) -> list[Act]:
        count = self.chance.randint(2, 3)
        acts = self.chance.choices(list(ACTS), list(ACTS.values()), k=count)
        if self.seed % self.film_every == 0:
            acts.insert(self.chance.randint(0, count), film)
        if self.seed % BATCH_EVERY == 0:
            acts.insert(self.chance.randint(0, count), pictures)
        if self.seed % SHOTS_EVERY == 0:
            acts.insert(self.chance.randint(0, count), shots)
        if self.seed % GRAPH_EVERY == 0:
            acts.insert(self.chance.randint(0, count), graph)
        return acts

    def live(self) -> None:
        """Everything that users do and that breaks meanwhile."""
        for act in self.acts:
            for _ in range(0 if self.unbroken else self.chance.choice([0, 1, 1, 2])):
                self.breaker.break_something()
            try:
                act(self.user)
            except GaveUp:
                continue

    def close(self, ground: Ground, *, settled: bool) -> Outcome:
        """Reads what is left and checks it."""
        record, user = self.record, self.user
        workspace = user.workspace_id
        money = ground.rows("CREDITS_TABLE", workspace)
        record.balances.append(ground.balance(workspace))
        record.entries = [row for row in money if row["sk"].startswith("entry#")]
        record.holds = [row for row in money if row["sk"].startswith("hold#")]
        record.jobs = [
            Job.model_validate(row)
            for row in ground.rows("JOBS_TABLE")
            if row["pk"].startswith("job#") and row["workspace_id"] == workspace
        ]
        self._read_films(ground)
        record.tasks = [task for task in ground.tasks() if user.mark in task["prompt"]]
        record.objects = ground.objects()
        record.orders, record.sights, record.failures = user.orders, user.sights, user.failures
        record.settled = settled
        made = Counter(f"{job.kind} {job.status}" for job in record.jobs)
        made += Counter(f"{run['kind']} {run['status']}" for run in record.runs)
        found = violations(record)
        money = film_money(record)
        return Outcome(self.seed, self.breaker.ordered, self.breaker.fired, made, money, found)

    def _read_films(self, ground: Ground) -> None:
        record, workspace = self.record, self.user.workspace_id
        runs = ground.rows("RUNS_TABLE")
        record.queues = [
            row
            for row in runs
            if row["pk"].startswith("queue#") and row["pk"].endswith(f"#{workspace}")
        ]
        record.runs = [r for r in runs if r["sk"] == "run" and r["workspace_id"] == workspace]
        names = {run["pk"] for run in record.runs}
        record.events = [r for r in runs if r["pk"] in names and r["sk"].startswith("event#")]
        record.node_rows = [r for r in runs if r["pk"] in names and r["sk"].startswith("node#")]
        pieces = [r for r in runs if r["pk"] in names and r["sk"].startswith("piece#")]
        for project in self.user.projects:
            rows = ground.rows("STUDIO_TABLE", f"film#{project}")
            record.projects += [row for row in rows if row["sk"] == "project"]
            record.film_rows += rows
        record.film_rows += pieces
        shots = [row for row in ground.rows("STUDIO_TABLE") if row["pk"].startswith("shot#")]
        own = {row["pk"] for row in shots if row.get("workspace_id") == workspace}
        record.shot_rows = [row for row in shots if row["pk"] in own]


def together(seeds: Iterable[int], stack: Stack, film_every: int = FILM_EVERY) -> list[Outcome]:
    """Lets the histories of these seeds happen at once."""
    return lived([History(seed, stack, film_every=film_every) for seed in seeds], stack)


def lived(
    histories: Sequence[History], stack: Stack, bound_seconds: float = BOUND_SECONDS
) -> list[Outcome]:
    """Lets histories happen at once, ends their faults and moves the time until all is settled."""
    ground, workspaces = Ground(stack), {history.user.workspace_id for history in histories}
    with ground.passing(), ThreadPoolExecutor(len(histories)) as pool:
        living = [pool.submit(history.live) for history in histories]
        while not all(future.done() for future in living):
            for history in histories:
                history.record.balances.append(ground.balance(history.user.workspace_id))
            time.sleep(SAMPLE_SECONDS)
    for future in living:
        future.result()
    settled = ground.settle(workspaces, bound_seconds)
    with ThreadPoolExecutor(len(histories)) as pool:
        list(pool.map(lambda history: history.user.ask_again(), histories))
    settled = ground.settle(workspaces, bound_seconds) and settled
    return [history.close(ground, settled=settled) for history in histories]
