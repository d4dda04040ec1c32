"""What breaks in a history, drawn from its seed.

Vendors' faults hit the calls about a history's own prompts. All others hit whoever calls, of every
history: what must hold, holds under anybody's faults.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from local.control.faults import Fault, parse_fault
from local.stack import Stack
from tests.support.http import call

Draw = Callable[[random.Random], dict[str, Any]]

STEPS = (
    "generation_submit",
    "generation_await",
    "generation_collect",
    "generation_make",
    "generation_release",
)
REQUESTS = ("elevenlabs_sfx", "fal_stream", "gmi_execute", "generate_interior_video_v2", "webhooks")
PIPELINE = (
    "trigger_video",
    "pipeline_load_project",
    "pipeline_start_clip",
    "pipeline_finish_clip",
    "pipeline_start_transition",
    "pipeline_finish_transition",
    "pipeline_compile_video",
    "pipeline_finalize_video",
    "pipeline_release_run",
    "runs",
)
BATCH = (
    "project_auto_generate",
    "auto_generate_load_shots",
    "auto_generate_make_shot",
    "auto_generate_end_run",
)
SHOTS = ("gen_shots", "storyboard_write_shots", "storyboard_release_shots")
WRITES = ("TransactWriteItems", "UpdateItem", "PutItem")
VENDORS = ("kling", "fal", "gmi", "elevenlabs", "groq")


def _killed(chance: random.Random) -> dict[str, Any]:
    service, operation = chance.choice(
        [*(("dynamodb", write) for write in WRITES), ("s3", "PutObject"), ("provider", "submit")]
    )
    return {
        "service": service,
        "operation": operation,
        "function": chance.choice(STEPS + REQUESTS + PIPELINE + BATCH + SHOTS),
        "action": "kill",
        "when": chance.choice(["before", "after"]),
        "nth": chance.randint(1, 3),
    }


def _lost_reply(chance: random.Random) -> dict[str, Any]:
    service, operation = chance.choice(
        [
            *(("dynamodb", write) for write in WRITES),
            ("states", "StartExecution"),
            ("states", "SendTaskSuccess"),
            ("states", "SendTaskFailure"),
            ("s3", "PutObject"),
        ]
    )
    fault = {"service": service, "operation": operation, "action": "drop_reply"}
    return fault | {"nth": chance.randint(1, 12)}


def _throttled(chance: random.Random) -> dict[str, Any]:
    service = chance.choice(["dynamodb", "states", "s3", "invocations", "gateway"])
    span = {"seconds": chance.randint(4, 30), "share": chance.choice([0.2, 0.5, 0.9])}
    return {"service": service, "operation": "*", "action": "throttle"} | span


def _outage(chance: random.Random) -> dict[str, Any]:
    service = chance.choice(["dynamodb", "s3", "states", "secretsmanager"])
    span = {"seconds": chance.randint(6, 120)}
    return {"service": service, "operation": "*", "action": "outage"} | span


def _vendor_outage(chance: random.Random) -> dict[str, Any]:
    vendor = chance.choice(VENDORS)
    span = {"seconds": chance.randint(6, 120)}
    return {"service": "provider", "vendor": vendor, "operation": "*", "action": "outage"} | span


def _lag(chance: random.Random) -> dict[str, Any]:
    span = {"seconds": chance.randint(5, 90)}
    return {"service": "dynamodb", "operation": "Query", "action": "lag"} | span


def _event(chance: random.Random) -> dict[str, Any]:
    action = chance.choice(["lose", "double", "delay"])
    fault = {"service": "invocations", "operation": "Event", "action": action}
    return fault | {"delay_seconds": chance.randint(2, 60), "count": chance.randint(1, 2)}


def _step_twice(chance: random.Random) -> dict[str, Any]:
    fault = {"service": "invocations", "operation": "Task", "action": "double"}
    return fault | {"nth": chance.randint(1, 12)}


KINDS: dict[str, Draw] = {
    "kill": _killed,
    "lost reply": _lost_reply,
    "throttling": _throttled,
    "outage": _outage,
    "vendor outage": _vendor_outage,
    "index lag": _lag,
    "event": _event,
    "step twice": _step_twice,
}
VENDOR_FAULTS: dict[str, tuple[dict[str, Any], ...]] = {
    "rate limit": (
        {"operation": "submit", "fault": "rate_limited", "retry_after": 1},
        {"operation": "submit", "fault": "rate_limited", "count": 2},
    ),
    "vendor error": ({"operation": "submit", "fault": "server_error"},),
    "vendor's reply lost": (
        {"operation": "submit", "fault": "drop_reply"},
        {"operation": "submit", "fault": "gateway_timeout"},
    ),
    "vendor failed": ({"operation": "submit", "fault": "failed"},),
    "slow": ({"operation": "submit", "fault": "slow", "delay_seconds": 40},),
    "hang": ({"operation": "poll", "fault": "hang"},),
    "refused content": (
        {"operation": "submit", "fault": "content_policy"},
        {"operation": "poll", "fault": "content_policy"},
    ),
    "webhook": (
        {"operation": "webhook", "fault": "webhook_lost"},
        {"operation": "webhook", "fault": "webhook_doubled"},
        {"operation": "webhook", "fault": "webhook_late", "delay_seconds": 30},
        {"operation": "webhook", "fault": "webhook_forged"},
    ),
    "bad file": (
        {"operation": "result", "fault": "corrupt"},
        {"operation": "result", "fault": "truncated"},
        {"operation": "result", "fault": "html"},
    ),
}


class Breaker:
    """Orders a history's faults, and counts them by kind."""

    def __init__(self, stack: Stack, chance: random.Random) -> None:
        self._stack = stack
        self._chance = chance
        self.ordered = Counter[str]()
        self._faults: list[tuple[str, Fault]] = []

    def break_something(self) -> None:
        """Breaks something of ours."""
        kind = self._chance.choice(list(KINDS))
        fault = parse_fault(KINDS[kind](self._chance))
        self.ordered[kind] += 1
        self._faults.append((kind, self._stack.faults.add(fault)))

    def spoil(self, vendor: str, prompt: str) -> str:
        """Breaks something at a vendor, for the order with this prompt; returns what, if the vendor
        can.
        """
        kind = self._chance.choice(list(VENDOR_FAULTS))
        fault = self._chance.choice(VENDOR_FAULTS[kind])
        body = {"provider": vendor, "match": {"prompt_contains": prompt}, **fault}
        status, _ = call("POST", f"{self._stack.providers_url}/_sim/faults", body)
        if status != 201:
            return ""
        self.ordered[kind] += 1
        return kind

    @property
    def fired(self) -> int:
        """How many calls of ours were broken."""
        return sum(fault.fired for _, fault in self._faults)
