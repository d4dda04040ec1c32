"""Faults that a test orders, and who takes them.

A fault names the operation that misbehaves. What it does there:

* refusals (`rate_limited`, `server_error`, `auth`, `quota`, `invalid_input`, `content_policy`,
  `model_gone`): the call is answered with the vendor's own error and nothing happens.
* connections (`drop_reply`, and `hang` of submit, result and cancel): the call takes effect, a
  submission is accepted and billed, and then no answer comes: at once, or after `delay_seconds`.
* `gateway_timeout` of submit: the call takes effect and is answered with the vendor's 504.
* a text that is streamed is broken in its middle by `drop_reply` and `hang`, and ends there with
  the vendor's error by `failed`; `slow` holds back its first word.
* answers (`truncated`, `prose`, `empty`, `refusal`, `too_many`, `endless` of submit): a text isn't
  what it was asked to be. An endless one keeps to no limit.
* outcomes (`failed`, `content_policy` of poll, `slow`, `late_success`, and `hang` of poll): they
  hit one task, the next one that is submitted, or polled if the operation is poll. `hang` leaves
  it in processing for `delay_seconds`, or for good. A slow or late task succeeds after
  `delay_seconds` more than usual.
* files (`corrupt`, `truncated`, `html`, `empty`, `silent`, `other_size`, `other_codec`,
  `variable_rate` of result): the file of the next task that is downloaded is not as it should
  be, and stays so.
* webhooks: hit the final notification of a task; a forged one comes before it, in addition.
"""

import itertools
import threading
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from local.simulators.writing import ODD_ANSWERS

_PASSING = frozenset({"rate_limited", "server_error", "auth"})
_REFUSED_SUBMISSIONS = _PASSING | {"quota", "invalid_input", "content_policy", "model_gone"}
_LOST_REPLIES = frozenset({"drop_reply", "hang"})
_OUTCOMES = frozenset({"failed", "slow", "late_success"})

REFUSALS = {
    "submit": _REFUSED_SUBMISSIONS,
    "poll": _PASSING,
    "result": _PASSING,
    "cancel": _PASSING,
}
CONNECTIONS = {
    "submit": _LOST_REPLIES | {"gateway_timeout"},
    "poll": frozenset({"drop_reply"}),
    "result": _LOST_REPLIES,
    "cancel": _LOST_REPLIES,
}
ANSWERS = {"submit": ODD_ANSWERS}
OUTCOMES = {"submit": _OUTCOMES, "poll": _OUTCOMES | {"hang", "content_policy"}}
_BROKEN = frozenset({"corrupt", "truncated", "html", "empty"})
_UNUSUAL = frozenset({"silent", "other_size", "other_codec", "variable_rate"})
FILES = {"result": _BROKEN | _UNUSUAL}
FINAL_WEBHOOKS = frozenset({"webhook_lost", "webhook_doubled", "webhook_late"})
FORGERIES = frozenset({"webhook_forged"})
_NOTICES = {"webhook": FINAL_WEBHOOKS | FORGERIES}

_TABLES = (REFUSALS, CONNECTIONS, ANSWERS, OUTCOMES, FILES, _NOTICES)

Operation = Literal["submit", "poll", "result", "cancel", "webhook"]


class Match(BaseModel):
    """Which calls a fault may hit: those whose prompt has the words, and of them from the nth."""

    model_config = ConfigDict(extra="forbid")

    prompt_contains: str | None = None
    nth: int = Field(default=1, ge=1)


class Fault(BaseModel):
    """One order: the next `count` calls of the operation that match are hit."""

    model_config = ConfigDict(extra="forbid")

    provider: str
    operation: Operation
    fault: str
    count: int = Field(default=1, ge=1)
    retry_after: int | None = Field(default=None, ge=0)
    delay_seconds: float | None = Field(default=None, ge=0)
    match: Match = Field(default_factory=Match)

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if not any(self.fault in table.get(self.operation, ()) for table in _TABLES):
            raise ValueError(f"{self.operation} has no fault {self.fault!r}")
        return self


class _Order:
    """A fault with what is left of it."""

    def __init__(self, order_id: int, fault: Fault) -> None:
        self.order_id = order_id
        self.fault = fault
        self.remaining = fault.count
        self._seen = 0

    def hits(self, prompt: str) -> bool:
        """Count a candidate; true if this one is hit."""
        if not self.remaining or (self.fault.match.prompt_contains or "") not in prompt:
            return False
        self._seen += 1
        if self._seen < self.fault.match.nth:
            return False
        self.remaining -= 1
        return True


class FaultBook:
    """All orders, first come first taken; safe for threads."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> int:
        """Keep a fault until it is used up; returns its number."""
        with self._lock:
            order = _Order(next(self._numbers), fault)
            self._orders.append(order)
            return order.order_id

    def take(
        self, provider: str, operation: str, names: frozenset[str], prompt: str = ""
    ) -> Fault | None:
        """Use up one hit of the first order that fits this call, or None."""
        with self._lock:
            for order in self._orders:
                fault = order.fault
                fits = fault.provider == provider and fault.operation == operation
                if fits and fault.fault in names and order.hits(prompt):
                    return fault
        return None

    def listing(self) -> list[dict[str, object]]:
        """Returns every order with what remains of it, the used up ones too."""
        with self._lock:
            return [
                {"id": order.order_id, "remaining": order.remaining, **order.fault.model_dump()}
                for order in self._orders
            ]

    def clear(self) -> None:
        """Forget every order."""
        with self._lock:
            self._orders.clear()
