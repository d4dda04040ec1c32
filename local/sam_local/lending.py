"""Functions of a running stack, lent to whoever runs their next invocation in its place."""

import contextlib
import json
import queue
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from local.lambdas.invocation import Outcome, error_payload
from local.lambdas.service import FunctionPool
from local.sam_local.placeholders import Mismatch, example, read
from local.stack import Stack

ANSWER_SECONDS = 600
"""How long an invocation waits for whoever borrowed it."""


@dataclass
class Loan:
    """The first invocation of a function whose event is that of the example."""

    folder: str
    event: Any
    answer: "Future[Outcome]" = field(default_factory=Future)


class Lending:
    """Takes one invocation of each function aside; all others run as always."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.loans: queue.Queue[Loan] = queue.Queue()
        self.mismatches: dict[str, str] = {}
        """Why an invocation was not taken, by folder."""

    @contextlib.contextmanager
    def lend(self, folders: frozenset[str], planted: dict[str, Any]) -> Iterator[None]:
        """While it lasts, the next invocation of each of `folders` goes to `loans`, and the
        functions of `planted` fail with the error given, once for each event that it names.
        """
        pools = self.stack.functions
        lent = {folder: pools.pool(folder) for folder in folders}
        broken = {folder: pools.pool(folder) for folder in planted}
        for folder, pool in lent.items():
            pool.borrower = _Borrower(self, folder)
        for folder, pool in broken.items():
            pool.borrower = _Breaker(planted[folder])
        try:
            yield
        finally:
            _take_back([*lent.values(), *broken.values()])


def _take_back(pools: list[FunctionPool]) -> None:
    for pool in pools:
        pool.borrower = None


class _Borrower:
    """Puts the first invocation that fits into the queue and waits for its answer."""

    def __init__(self, lending: Lending, folder: str) -> None:
        self.lending, self.folder = lending, folder
        self.example = example(folder)
        self.taken = False

    def __call__(self, payload: bytes) -> Outcome | None:
        if self.taken:
            return None
        event = json.loads(payload)
        try:
            read_event(self.folder, self.example, event)
        except Mismatch as error:
            self.lending.mismatches[self.folder] = str(error)
            return None
        self.taken = True
        loan = Loan(self.folder, event)
        self.lending.loans.put(loan)
        return loan.answer.result(ANSWER_SECONDS)


def read_event(folder: str, node: Any, event: Any) -> dict[str, Any]:
    """Returns the placeholders' values in a real event. Raises Mismatch.

    Of a webhook only what its vendor sends counts: the rest of the request is the gateway's.
    """
    if folder != "webhooks":
        return read(node, event)
    headers = {name.lower(): value for name, value in event["headers"].items()}
    signed = {name: value for name, value in node["headers"].items() if name in headers}
    kept = {name: node[name] for name in ("body", "queryStringParameters", "pathParameters")}
    real = {name: event[name] for name in kept}
    return read(
        kept | {"headers": signed}, real | {"headers": {name: headers[name] for name in signed}}
    )


class _Breaker:
    """Fails with an error, for the first event that has these fields."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.done = False

    def __call__(self, payload: bytes) -> Outcome | None:
        event = json.loads(payload)
        if self.done or any(event.get(name) != value for name, value in self.fields.items()):
            return None
        self.done = True
        return Outcome(error_payload("MediaError", "planted by sam-local"), "Unhandled")
