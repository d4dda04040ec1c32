"""EventBridge: rules of the template, events put, schedules by the clock or on demand."""

import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.events.models import EventPattern

from local import clock
from local.lambdas.functions import FunctionSpec
from local.template import Template

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
Deliver = Callable[[str, bytes], None]


@dataclass(frozen=True)
class Rule:
    """Events that match a pattern go to a function (by the ARN of its alias)."""

    name: str
    pattern: Mapping[str, Any]
    function: str


@dataclass(frozen=True)
class Schedule:
    """A function is run at an interval, with its own input or an EventBridge event."""

    name: str
    function: str
    folder: str
    interval_seconds: float | None
    """None: a cron expression, fired only on demand here."""
    input: str | None
    scheduler: bool
    """EventBridge Scheduler (ScheduleV2) rather than a rule."""


class EventBus:
    """The default bus of a stack."""

    def __init__(self, region: str, account: str) -> None:
        self.region = region
        self.account = account
        self.rules: list[Rule] = []
        self.schedules: dict[str, Schedule] = {}
        self.deliver: Deliver = _nowhere
        self._stopped = clock.Event()

    def load(self, template: Template, specs: Mapping[str, FunctionSpec]) -> None:
        """Reads the template's rules and schedules, as far as they aim at its functions."""
        for name, rule in template.of_type("AWS::Events::Rule").items():
            if rule.get("State") != "DISABLED":
                self._load_rule(name, rule, specs)
        for name, schedule in template.of_type("AWS::Scheduler::Schedule").items():
            spec = target_function(schedule["Target"]["Arn"], specs)
            if spec is not None and schedule.get("State") != "DISABLED":
                expression = schedule["ScheduleExpression"]
                self._add_schedule(name, spec, schedule["Target"], expression, scheduler=True)

    def _load_rule(
        self, name: str, rule: dict[str, Any], specs: Mapping[str, FunctionSpec]
    ) -> None:
        for target in rule.get("Targets", []):
            spec = target_function(target["Arn"], specs)
            if spec is None:
                continue
            if "EventPattern" in rule:
                self.rules.append(Rule(name, rule["EventPattern"], target["Arn"]))
            if "ScheduleExpression" in rule:
                expression = rule["ScheduleExpression"]
                self._add_schedule(name, spec, target, expression, scheduler=False)

    def _add_schedule(
        self,
        name: str,
        spec: FunctionSpec,
        target: dict[str, Any],
        expression: str,
        *,
        scheduler: bool,
    ) -> None:
        interval = interval_seconds(expression)
        given = target.get("Input")
        arn = target["Arn"]
        self.schedules[name] = Schedule(name, arn, spec.folder, interval, given, scheduler)

    def put(self, entry: dict[str, Any]) -> str:
        """Delivers an entry of PutEvents; returns the event's id."""
        event = self.event(entry.get("Source", ""), entry.get("DetailType", ""))
        event["resources"] = entry.get("Resources", [])
        event["detail"] = json.loads(entry.get("Detail") or "{}")
        self.send(event)
        return str(event["id"])

    def event(self, source: str, detail_type: str) -> dict[str, Any]:
        """Returns an event's frame, with an empty detail."""
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": source,
            "account": self.account,
            "time": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self.region,
            "resources": [],
            "detail": {},
        }

    def send(self, event: dict[str, Any]) -> None:
        """Hands an event to the function of every rule that matches."""
        payload = json.dumps(event).encode()
        for rule in self.rules:
            if EventPattern(None, dict(rule.pattern)).matches_event(event):  # type: ignore[arg-type]  # moto's TypedDict
                self.deliver(rule.function, payload)

    def find_schedule(self, name: str) -> Schedule:
        """Returns a schedule by its function's folder or its own name. Raises KeyError."""
        for schedule in self.schedules.values():
            if name in {schedule.folder, schedule.name, schedule.function}:
                return schedule
        raise KeyError(name)

    def payload(self, schedule: Schedule) -> bytes:
        """Returns what a schedule gives its function."""
        if schedule.input is not None:
            return schedule.input.encode()
        if schedule.scheduler:
            return b"{}"
        event = self.event("aws.events", "Scheduled Event")
        arn = f"arn:aws:events:{self.region}:{self.account}:rule/{schedule.name}"
        return json.dumps(event | {"resources": [arn]}).encode()

    def start_clock(self) -> None:
        """Fires every schedule that has an interval, from one interval after now."""
        for schedule in self.schedules.values():
            if schedule.interval_seconds is not None:
                threading.Thread(target=self._tick, args=(schedule,), daemon=True).start()

    def _tick(self, schedule: Schedule) -> None:
        while not self._stopped.wait(schedule.interval_seconds):
            self.deliver(schedule.function, self.payload(schedule))

    def stop(self) -> None:
        """Stops the clock."""
        self._stopped.set()


def target_function(arn: str, specs: Mapping[str, FunctionSpec]) -> FunctionSpec | None:
    """Returns the function that a target's ARN names, with or without an alias or version."""
    return next((spec for spec in specs.values() if spec.is_named_by(arn)), None)


def interval_seconds(expression: str) -> float | None:
    """Returns seconds of `rate(5 minutes)`; None for a cron expression."""
    found = RATE.fullmatch(expression.strip())
    return float(int(found[1]) * UNIT_SECONDS[found[2]]) if found else None


def _nowhere(_: str, __: bytes) -> None:
    """Before the functions are there, events go nowhere."""
