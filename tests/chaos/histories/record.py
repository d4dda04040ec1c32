"""What was seen of a history, as data: rows as the tables have them, and what users saw."""

from dataclasses import dataclass, field
from typing import Any

from showreel.generation.models import Job

Row = dict[str, Any]


@dataclass(frozen=True)
class Balance:
    """A workspace's money at one moment: its account, and what its rows come to."""

    balance: int
    available: int
    entries: int
    open_holds: int


@dataclass(frozen=True)
class Sight:
    """What one reader saw of a job or run, in the order in which they saw it."""

    subject: str
    status: str
    progress: float


@dataclass
class Order:
    """A request that may cost something: its key, and every answer to it."""

    kind: str
    key: str
    prompt: str
    path: str = ""
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[int, Any]] = field(default_factory=list)
    canceled: bool = False
    """Its user stopped it."""
    is_doomed: bool = False
    """Its execution was stopped, or its vendor never ends: what it began ends without a result."""

    @property
    def subjects(self) -> set[str]:
        """The jobs or runs that answers named."""
        named = (_subject(answer) for status, answer in self.answers if status < 300)
        return {name for name in named if name}


def _subject(answer: Any) -> str | None:
    if not isinstance(answer, dict):
        return None
    named = (answer.get(name) for name in ("runId", "run_id", "job_id", "id"))
    found = next(filter(None, named), None)
    return str(found) if found else None


@dataclass
class Record:
    """One history."""

    balances: list[Balance] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    holds: list[Row] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    """Of all runs."""
    film_rows: list[Row] = field(default_factory=list)
    """Clips of projects, and pieces of runs."""
    projects: list[Row] = field(default_factory=list)
    queues: list[Row] = field(default_factory=list)
    """One of each kind of run."""
    shot_rows: list[Row] = field(default_factory=list)
    """Shots of storyboards, and versions of what was made for them."""
    node_rows: list[Row] = field(default_factory=list)
    """How nodes of graphs' runs ended."""
    tasks: list[Row] = field(default_factory=list)
    """What vendors accepted."""
    objects: set[str] = field(default_factory=set)
    """Keys of the bucket."""
    orders: list[Order] = field(default_factory=list)
    sights: dict[str, list[Sight]] = field(default_factory=dict)
    """By reader."""
    failures: list[str] = field(default_factory=list)
    """What a user met that no fault explains."""
    settled: bool = True
    """Everything came to an end within its bound."""
