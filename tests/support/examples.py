"""Example events that no real one was like, collected from all stacks of a whole run.

`make sam-local` compares them too, but only where there is Docker. The run fails at its end for an
example of a step, a schedule or a webhook that no stack of any process passed to its function.
"""

import json

import pytest

from local.lambdas.invocation import Outcome
from local.sam_local.lending import read_event
from local.sam_local.placeholders import Mismatch, example
from local.sam_local.scenes import STEPS
from local.stack import Stack
from tests.support.reports import Report

SEEN = Report[str]("examples_seen")
DIFFERENCES = Report[tuple[str, str]]("examples_differ")


class _Observer:
    """Compares the events of a function with its example, until one is like it; answers none."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._example = example(folder)
        self.is_seen = False
        self.difference = ""

    def __call__(self, payload: bytes) -> Outcome | None:
        if not self.is_seen:
            try:
                read_event(self._folder, self._example, json.loads(payload))
                self.is_seen = True
            except Mismatch as error:
                self.difference = str(error)
        return None


class Examples:
    """Watches the functions of a stack."""

    def __init__(self, stack: Stack) -> None:
        self._observers = {folder: _Observer(folder) for folder in STEPS}
        for folder, observer in self._observers.items():
            stack.functions.pool(folder).borrower = observer

    def note(self, config: pytest.Config) -> None:
        """At the end of the stack: remembers which examples were seen, and why others weren't."""
        SEEN.add(config, [name for name, one in self._observers.items() if one.is_seen])
        others = [(name, one.difference) for name, one in self._observers.items() if one.difference]
        DIFFERENCES.add(config, others)


def unlike(config: pytest.Config) -> dict[str, str]:
    """Returns the functions whose example was never seen, with how a real event differed."""
    differences = dict(DIFFERENCES.all(config))
    missing = sorted(STEPS - set(SEEN.all(config)))
    return {name: differences.get(name, "the function was not called") for name in missing}
