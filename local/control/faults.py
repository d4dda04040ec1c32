"""Breaks calls: one AWS or provider call at an exact moment, or all of a service for a while."""

import io
import itertools
import json
import random
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from local import clock
from local.server import App, DropConnection, Environ, StartResponse

ACTIONS = frozenset(
    {"kill", "drop_reply", "delay", "error", "throttle", "outage", "lag", "double", "lose"}
)
THROTTLING = {
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "s3": ("SlowDown", 503),
    "lambda": ("TooManyRequestsException", 429),
}
OUTAGES = {
    "dynamodb": ("InternalServerError", 500),
    "s3": ("ServiceUnavailable", 503),
    "secretsmanager": ("InternalServiceError", 500),
}
"""Code and status by service, where they aren't the usual ones."""
JSON_SERVICES = frozenset({"dynamodb", "states", "secretsmanager", "ssm", "events"})


class FaultError(ValueError):
    """A fault that can't be."""


class Process(Protocol):
    """The caller's process, if a function called."""

    @property
    def key(self) -> str:
        """Its access key id."""
        ...

    @property
    def invocation_id(self) -> str | None:
        """What it works on."""
        ...

    def kill(self) -> None:
        """Kills it."""


@dataclass(frozen=True)
class Call:
    """One call: to what, and from which function's process (None: from outside)."""

    service: str
    operation: str
    function: str | None = None
    process: Process | None = None
    vendor: str | None = None
    """Of a service `provider`."""


@dataclass
class Fault:
    """What to break. `seen` counts the calls that match, `fired` those that were broken."""

    service: str
    operation: str
    action: str
    nth: int = 1
    """The first call to break, counted from 1 since the fault was set."""
    count: int = 1
    """How many calls in a row are broken."""
    seconds: float | None = None
    """Breaks all calls for so long by the stack's time, instead of `count` of them."""
    share: float = 1.0
    """Breaks only this share of them, by chance."""
    vendor: str | None = None
    """Only calls to this vendor, of a service `provider`."""
    function: str | None = None
    """Only calls of this function (its folder); None: of anybody."""
    when: str = "before"
    """For `kill`: before the call is carried out, or after."""
    delay_seconds: float = 1.0
    code: str = "InternalServerError"
    """For `error`: the AWS error code."""
    status: int = 500
    """For `error`: the HTTP status."""
    seen: int = 0
    fired: int = 0
    id: int = 0
    ends_at: float = field(default_factory=clock.monotonic)

    def __post_init__(self) -> None:
        self.ends_at += self.seconds or 0.0
        usual = (self.code, self.status)
        if self.action == "throttle":
            usual = THROTTLING.get(self.service, ("ThrottlingException", 400))
        elif self.action == "outage":
            usual = OUTAGES.get(self.service, ("ServiceUnavailable", 503))
        self.code, self.status = usual

    def matches(self, call: Call) -> bool:
        """True for the calls it counts."""
        return (
            self.service == call.service
            and self.operation in {call.operation, "*"}
            and self.function in {None, call.function}
            and self.vendor in {None, call.vendor}
        )

    def is_due(self) -> bool:
        """Returns whether the call that was counted last is to be broken."""
        if self.seconds is None:
            return self.nth <= self.seen < self.nth + self.count
        return clock.monotonic() < self.ends_at and random.random() < self.share


def parse_fault(body: dict[str, Any]) -> Fault:
    """Returns a fault from its JSON. Raises FaultError."""
    known = set(Fault.__dataclass_fields__) - {"seen", "fired", "id", "ends_at"}
    given = {key: value for key, value in body.items() if value is not None}
    if unknown := set(given) - known:
        raise FaultError(f"unknown fields: {', '.join(sorted(unknown))}")
    if given.get("action") not in ACTIONS:
        raise FaultError(f"action must be one of {', '.join(sorted(ACTIONS))}")
    if missing := {"service", "operation"} - set(given):
        raise FaultError(f"missing: {', '.join(sorted(missing))}")
    return Fault(**given)


class FaultBook:
    """The faults that are set."""

    def __init__(self) -> None:
        self.heard: list[tuple[Call, str | None]] | None = None
        """Every call and its invocation, since a list was put here."""
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Sets a fault; its count begins now."""
        with self._lock:
            fault.id = next(self._ids)
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forgets every fault."""
        with self._lock:
            self._faults.clear()

    def list(self) -> list[dict[str, Any]]:
        """Returns every fault with its counts."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def due(self, call: Call) -> Fault | None:
        """Counts the call and gives the fault that breaks it, if one does."""
        broken_by: Fault | None = None
        with self._lock:
            if self.heard is not None:
                process = call.process
                self.heard.append((call, process.invocation_id if process else None))
            for fault in self._faults:
                if fault.matches(call):
                    fault.seen += 1
                    if broken_by is None and fault.is_due():
                        fault.fired += 1
                        broken_by = fault
        return broken_by


def answer_with_faults(
    book: FaultBook, call: Call, app: App, environ: Environ, start_response: StartResponse
) -> Iterable[bytes]:
    """Answers a call, broken if a fault is due. Raises DropConnection."""
    fault = book.due(call)
    if fault is None:
        return app(environ, start_response)
    match fault.action:
        case "delay":
            clock.sleep(fault.delay_seconds)
            return app(environ, start_response)
        case "lag":
            environ["showreel.lagging"] = fault.id
            return app(environ, start_response)
        case "error" | "throttle" | "outage":
            return _error(fault, call, start_response)
    if fault.action == "drop_reply" or fault.when == "after":
        carry_out(app, environ)
    if fault.action == "kill" and call.process is not None:
        call.process.kill()
    raise DropConnection


def carry_out(app: App, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
    """Runs an application to its end: status, headers, body."""
    begun: list[Any] = []
    written = io.BytesIO()

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Any:
        begun[:] = [status, headers]
        return written.write

    body = app(environ, start)
    try:
        written.write(b"".join(body))
    finally:
        if hasattr(body, "close"):
            body.close()
    return begun[0], begun[1], written.getvalue()


def _error(fault: Fault, call: Call, start_response: StartResponse) -> Iterable[bytes]:
    message = "broken on purpose"
    if call.service == "s3":
        body = f"<Error><Code>{fault.code}</Code><Message>{message}</Message></Error>".encode()
        kind = "application/xml"
    else:
        body = json.dumps({"__type": fault.code, "message": message}).encode()
        kind = "application/x-amz-json-1.0" if call.service in JSON_SERVICES else "application/json"
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("x-amzn-ErrorType", fault.code),
    ]
    start_response(f"{fault.status} {fault.code}", headers)
    return [body]
