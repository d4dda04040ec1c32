"""The services that the steps of a job use, made once per process from the environment."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showreel.core.dynamo import Table
from showreel.core.settings import GenerationMachine, JobsTable, settings
from showreel.generation.store import Jobs
from showreel.providers.registry import get_provider, get_synchronous
from showreel.runs.executions import Executions

if TYPE_CHECKING:  # few functions use these
    from showreel.credits import Ledger
    from showreel.providers.base import Provider
    from showreel.providers.circuits import Circuits
    from showreel.providers.synchronous import SynchronousProvider


@dataclass(frozen=True)
class Engine:
    """The rows, ledger, vendors and executions of jobs."""

    jobs: Jobs
    ledger: "Ledger"
    provider: "Callable[[str], Provider]"
    synchronous: "Callable[[str], SynchronousProvider]" = get_synchronous
    function_arn: str = ""
    """The calling function's own ARN, needed to start executions; empty where none are started."""

    @property
    def executions(self) -> Executions:
        """The jobs' executions."""
        return Executions(settings(GenerationMachine).generation_state_machine, self.function_arn)

    @property
    def circuits(self) -> "Circuits":
        """The circuits of the vendors."""
        from showreel.providers.circuits import circuits  # requests call no vendor

        return circuits()


@functools.cache
def engine(function_arn: str = "") -> Engine:
    """Returns the engine of this process."""
    from showreel.credits.ledger import ledger  # reading jobs needs no ledger

    return Engine(jobs(), ledger(), get_provider, function_arn=function_arn)


@functools.cache
def jobs() -> Jobs:
    """Returns the jobs' rows of this process alone, for functions that move no money."""
    return Jobs(Table(settings(JobsTable).jobs_table))
