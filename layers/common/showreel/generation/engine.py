"""What the steps of a job work with, made once per process from the environment."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showreel.core.dynamo import Table
from showreel.core.settings import JobsTable, settings
from showreel.credits import Ledger
from showreel.credits.service import ledger
from showreel.generation.store import Jobs
from showreel.providers import Provider, get_provider
from showreel.providers.registry import get_instant

if TYPE_CHECKING:  # a port that few functions use
    from showreel.providers.synchronous import InstantProvider


@dataclass(frozen=True)
class Engine:
    """Rows, money and vendors."""

    jobs: Jobs
    ledger: Ledger
    provider: Callable[[str], Provider]
    instant: "Callable[[str], InstantProvider]" = get_instant


@functools.cache
def engine() -> Engine:
    """The engine of this process."""
    return Engine(jobs(), ledger(), get_provider)


@functools.cache
def jobs() -> Jobs:
    """The job rows alone, for functions that move no money."""
    return Jobs(Table(settings(JobsTable).jobs_table))
