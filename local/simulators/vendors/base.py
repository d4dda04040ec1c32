"""What the application needs from a vendor, and what it gives to it."""

from dataclasses import dataclass
from typing import Protocol

from werkzeug.wrappers import Request, Response

from local.simulators.config import SimulatorConfig
from local.simulators.faults import Fault, FaultBook
from local.simulators.lifecycle import Lifecycle
from local.simulators.tasks import Task


@dataclass
class Exchange:
    """One request to a vendor.

    `path` is what follows the vendor's name. `caller` is the process key of the address, if the
    stack gave one. `task` is the task the request is about; a submission sets it when accepted.
    `own_faults` are those that the vendor carries out itself, within its answer.
    """

    provider: str
    operation: str
    path: str
    request: Request
    caller: str | None
    prompt: str = ""
    task: Task | None = None
    own_faults: frozenset[str] = frozenset()


class Vendor(Protocol):
    """A simulated vendor; refusals and answers have its own wire form."""

    name: str
    operations: frozenset[str]

    def operation_of(self, method: str, path: str) -> str:
        """Returns the name of a call: submit, poll, cancel, list or unknown."""
        ...

    def recognise(self, exchange: Exchange) -> None:
        """Fill in the task and the prompt that the request is about."""
        ...

    def answer(self, exchange: Exchange) -> Response:
        """Do what the request asks."""
        ...

    def refusal(self, fault: Fault) -> Response:
        """Returns the vendor's own error for an ordered fault."""
        ...

    def word(self, task: Task) -> str:
        """Returns the vendor's word for the task's status."""
        ...


@dataclass(frozen=True)
class Ground:
    """What every vendor stands on."""

    config: SimulatorConfig
    lifecycle: Lifecycle
    faults: FaultBook
