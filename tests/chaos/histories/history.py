"""One history from its seed, and many at once on one stack."""

import random
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from local.stack import Stack
from tests.chaos.histories.faults import Breaker
from tests.chaos.histories.ground import Ground
from tests.chaos.histories.invariants import Violation, violations
from tests.chaos.histories.record import Record
from tests.chaos.histories.users import ACTS, FILM_EVERY, GaveUp, User, film
from tests.support.http import call

CREDITS = 400
SAMPLE_SECONDS = 0.2


@dataclass
class Outcome:
    """What a history came to."""

    seed: int
    faults: Counter[str]
    broken: int
    """Calls of ours that faults broke, of whoever's history."""
    violations: list[Violation] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items()))
        told = "".join(f"\n    {violation}" for violation in self.violations)
        return f"seed {self.seed}: {kinds or 'no faults'}; {self.broken} calls broken{told}"


class History:
    """One workspace and what happens in it."""

    def __init__(self, seed: int, stack: Stack) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        made = call("POST", f"{stack.aws_endpoint}/_local/workspaces", {"credits": CREDITS})[1]
        mark = f"take-{seed}-{made['workspace_id'][:6]}"
        self.user = User(stack, self.chance, mark, made["workspace_id"], made["token"])
        self.breaker = Breaker(stack, self.chance)
        self.user.spoil = self.breaker.spoil
        self.record = Record()

    def live(self) -> None:
        """Everything that users do and that breaks meanwhile."""
        acts = self.chance.choices(list(ACTS), list(ACTS.values()), k=self.chance.randint(2, 4))
        if self.seed % FILM_EVERY == 0:
            acts.insert(self.chance.randint(0, len(acts)), film)
        for act in acts:
            for _ in range(self.chance.choice([0, 1, 1, 2])):
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
            row
            for row in ground.rows("JOBS_TABLE")
            if row["pk"].startswith("job#") and row["workspace_id"] == workspace
        ]
        self._read_films(ground)
        record.tasks = [task for task in ground.tasks() if user.mark in task["prompt"]]
        record.objects = ground.objects()
        record.orders, record.sights, record.failures = user.orders, user.sights, user.failures
        record.settled = settled
        return Outcome(self.seed, self.breaker.ordered, self.breaker.fired, violations(record))

    def _read_films(self, ground: Ground) -> None:
        record, workspace = self.record, self.user.workspace_id
        runs = ground.rows("RUNS_TABLE")
        queues = (row for row in runs if row["pk"] == f"queue#film#{workspace}")
        record.queue = next(queues, {})
        record.runs = [r for r in runs if r["sk"] == "run" and r["workspace_id"] == workspace]
        names = {run["pk"] for run in record.runs}
        pieces = [r for r in runs if r["pk"] in names and r["sk"].startswith("piece#")]
        for project in self.user.projects:
            rows = ground.rows("STUDIO_TABLE", f"film#{project}")
            record.projects += [row for row in rows if row["sk"] == "project"]
            record.film_rows += rows
        record.film_rows += pieces


def together(seeds: Iterable[int], stack: Stack) -> list[Outcome]:
    """Lets histories happen at once, ends their faults and moves the time until all is settled."""
    ground = Ground(stack)
    histories = [History(seed, stack) for seed in seeds]
    with ground.passing(), ThreadPoolExecutor(len(histories)) as pool:
        living = [pool.submit(history.live) for history in histories]
        while not all(future.done() for future in living):
            for history in histories:
                history.record.balances.append(ground.balance(history.user.workspace_id))
            time.sleep(SAMPLE_SECONDS)
    for future in living:
        future.result()
    settled = ground.settle()
    return [history.close(ground, settled=settled) for history in histories]
