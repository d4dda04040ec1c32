"""Circuit breakers: while a vendor is out its jobs wait, and one at a time tries.

    pk = circuit  sk = <provider>#<operation>    the state that all processes share

Failures in a row within a window open a circuit: nothing is sent for a pause, which doubles each
time. After it, the process that moves `open_until` on may try once, after a health check: its
success closes the circuit, its failure opens it for longer. A healthy vendor costs no writes, and a
read every ten seconds per process. An operator's `forced` overrides all of it. If the table can't
be read, a circuit that the process hasn't read counts as closed.
"""

import functools
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from showreel.core.clock import iso_at, now_seconds
from showreel.core.dynamo import Item, Table
from showreel.core.errors import (
    ConditionFailed,
    ProviderError,
    ProviderTimeout,
    ProviderUpstream,
    Transient,
)
from showreel.core.models import FrozenModel
from showreel.core.observability import count, logger, measure
from showreel.core.settings import JobsTable, settings
from showreel.core.wire import Wire

VendorOperation = Literal["submit", "poll"]
PARTITION = "circuit"
FAILURES = 5
"""How many failures in a row open a circuit."""
WINDOW_SECONDS = 120
FIRST_PAUSE_SECONDS = 15
LONGEST_PAUSE_SECONDS = 120
PROBE_SECONDS = 60
"""How long a try may take before another job may try."""
HEARD_SECONDS = 5
"""How long after an answer a process sends no health check."""
KEEP_SECONDS = 10.0
"""How long a process keeps what it has read."""


class Circuit(FrozenModel):
    """The state of one vendor's operation. Times are seconds since 1970, 0 for none."""

    failures: int = 0
    window_at: int = 0
    open_until: int = 0
    opened_at: int = 0
    pause_seconds: int = 0
    forced: Literal["open", "closed"] | None = None
    """The state that an operator has set."""

    def state(self, now: int) -> Literal["closed", "open", "half_open"]:
        """Returns whether all calls are made, none, or one at a time."""
        if self.forced:
            return self.forced
        if not self.open_until:
            return "closed"
        return "open" if now < self.open_until else "half_open"


class CircuitView(Wire):
    """A circuit that isn't closed, as everybody may see it."""

    provider: str
    operation: str
    state: Literal["open", "half_open"]
    since: str | None


class Health(Wire):
    """The API answers; `degraded` if a vendor is out, or if that can't be read just now."""

    success: bool = True
    status: Literal["ok", "degraded"]
    circuits: list[CircuitView]


class Circuits:
    """The circuits' rows, as one process sees them."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._kept: dict[str, tuple[float, Circuit]] = {}
        self._tries: set[str] = set()
        self._heard: dict[str, int] = {}
        self._shown: tuple[float, Health | None] = 0.0, None

    def pause(self, provider: str, operation: VendorOperation) -> int:
        """Returns how many seconds to wait before calling the vendor, 0 for none. If the circuit is
        half open, the caller that gets 0 is the one that tries.
        """
        name, now = _name(provider, operation), now_seconds()
        circuit = self._circuit(name)
        if circuit.state(now) == "closed":
            return 0
        if circuit.forced:
            return FIRST_PAUSE_SECONDS
        if now < circuit.open_until:
            return circuit.open_until - now
        claimed = self._write(name, {"open_until": now + PROBE_SECONDS}, circuit)
        if claimed is None:
            self._kept.pop(name, None)
            return FIRST_PAUSE_SECONDS
        self._tries.add(name)
        return 0

    @contextmanager
    def watched(self, provider: str, operation: VendorOperation) -> Iterator[None]:
        """Counts the result of the call inside: errors and silence of the vendor are failures,
        refusals are answers.
        """
        name = _name(provider, operation)
        try:
            yield
        except (ProviderUpstream, ProviderTimeout):
            self._heard.pop(provider, None)
            self._failed(name)
            raise
        except ProviderError:
            self._answered(provider, name)
            raise
        self._answered(provider, name)

    def needs_check(self, provider: str) -> bool:
        """Returns whether a health check is due before a create: the vendor hasn't answered this
        process in the last seconds, or this create is the one that tries.
        """
        heard_at = self._heard.get(provider, 0)
        is_try = _name(provider, "submit") in self._tries
        return is_try or now_seconds() >= heard_at + HEARD_SECONDS

    @contextmanager
    def checked(self, provider: str) -> Iterator[None]:
        """Counts a failed health check inside as a failed create; an answered one isn't counted, as
        it says nothing about creates.
        """
        try:
            yield
        except ProviderUpstream:
            self._failed(_name(provider, "submit"))
            raise

    def not_closed(self) -> list[CircuitView]:
        """Returns the circuits that are open or half open. Raises Transient."""
        now, found = now_seconds(), []
        rows = self._table.query_all("pk = :circuit", values={":circuit": PARTITION})
        for row in rows:
            circuit, (provider, _, operation) = _read(row), str(row["sk"]).partition("#")
            state = circuit.state(now)
            if state != "closed":
                since = iso_at(circuit.opened_at) if circuit.opened_at else None
                found.append(
                    CircuitView(provider=provider, operation=operation, state=state, since=since)
                )
        return found

    def measure(self) -> None:
        """Emits the number of circuits that aren't closed, for the alarm. Raises Transient."""
        measure("OpenCircuits", len(self.not_closed()), "Count")

    def health(self) -> Health:
        """Returns the public health, at most `KEEP_SECONDS` old."""
        until, shown = self._shown
        if shown is None or time.monotonic() >= until:
            try:
                found = self.not_closed()
                shown = Health(status="degraded" if found else "ok", circuits=found)
            except Transient:
                shown = Health(status="degraded", circuits=[])
            self._shown = time.monotonic() + KEEP_SECONDS, shown
        return shown

    def _failed(self, name: str) -> None:
        now, before = now_seconds(), self._circuit(name)
        was_try = name in self._tries
        self._tries.discard(name)
        if before.open_until and not was_try:  # sent before the circuit opened
            return
        is_new = now >= before.window_at + WINDOW_SECONDS and not was_try
        changes = {"failures": 1, "window_at": now} if is_new else {}
        circuit = self._write(name, changes, add={} if is_new else {"failures": 1})
        if circuit is not None and (was_try or circuit.failures >= FAILURES):
            self._open(name, circuit, now)

    def _open(self, name: str, circuit: Circuit, now: int) -> None:
        pause = max(FIRST_PAUSE_SECONDS, min(LONGEST_PAUSE_SECONDS, 2 * circuit.pause_seconds))
        changes = {
            "open_until": now + pause,
            "pause_seconds": pause,
            "opened_at": circuit.opened_at or now,
        }
        if self._write(name, changes, circuit) is not None:
            provider, _, operation = name.partition("#")
            logger().error("a circuit is open", provider=provider, operation=operation)
            count("CircuitOpened", provider=provider)

    def _answered(self, provider: str, name: str) -> None:
        self._heard[provider] = now_seconds()
        self._succeeded(name)

    def _succeeded(self, name: str) -> None:
        self._tries.discard(name)
        circuit = self._circuit(name)
        if circuit.failures or circuit.open_until:
            closed = {"failures": 0, "open_until": 0, "opened_at": 0, "pause_seconds": 0}
            self._write(name, closed)

    def _circuit(self, name: str) -> Circuit:
        """Returns a circuit, at most `KEEP_SECONDS` old if the table can be read."""
        until, circuit = self._kept.get(name, (0.0, Circuit()))
        if time.monotonic() < until:
            return circuit
        with suppress(Transient):
            circuit = self._keep(name, self._table.get(PARTITION, name) or {})
        return circuit

    def _write(
        self,
        name: str,
        changes: Item,
        seen: Circuit | None = None,
        add: Item | None = None,
    ) -> Circuit | None:
        """Changes the row, with `seen` only if `open_until` is the same; None if it couldn't."""
        condition = "open_until = :seen OR (attribute_not_exists(open_until) AND :seen = :none)"
        only = {} if seen is None else {":seen": seen.open_until, ":none": 0}
        write = self._table.set_write(
            PARTITION,
            name,
            changes,
            add=add,
            condition=None if seen is None else condition,
            values=only,
        )
        try:
            return self._keep(name, self._table.apply(write))
        except (ConditionFailed, Transient):
            return None

    def _keep(self, name: str, row: Item) -> Circuit:
        circuit = _read(row)
        self._kept[name] = (time.monotonic() + KEEP_SECONDS, circuit)
        return circuit


@functools.cache
def circuits() -> Circuits:
    """Returns the circuits of this process."""
    return Circuits(Table(settings(JobsTable).jobs_table))


def _read(row: Item) -> Circuit:
    """Parses a row, and ignores an invalid `forced`, which operators write by hand."""
    known = {name: row[name] for name in Circuit.model_fields if name in row}
    if known.get("forced") not in {"open", "closed", None}:
        known.pop("forced")
    return Circuit.model_validate(known)


def _name(provider: str, operation: VendorOperation) -> str:
    return f"{provider}#{operation}"
