"""Jobs that go on after a 202 with their id: `GET ?job_id=` until they are done."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from showreel_client import faults, values
from showreel_client.effects import Answer, Conversation, Request, Sleep
from showreel_client.run import Run, body_of, settled

UNFINISHED = frozenset({"pending", "processing", "queued", "running", "submitting", "storing"})
FAILED = frozenset({"failed", "canceled", "cancelled", "error"})


def finished(run: Run, request: Request) -> Conversation[Mapping[str, Any]]:
    """Returns the answer of a finished job. Raises GenerationError with the route's code."""
    return (yield from awaited(run, (yield from settled(run, request))))


def awaited(run: Run, answer: Answer) -> Conversation[Mapping[str, Any]]:
    """Returns the last answer of the job that this answer names, or this one if there is none."""
    body = body_of(run, answer)
    yield from run.know(body)
    is_unfinished = answer.status == 202 or _is_unfinished(run, body)
    return (yield from _poll(run)) if is_unfinished else body


def _poll(run: Run) -> Conversation[Mapping[str, Any]]:
    if run.job_id is None:
        raise run.error("The work goes on, and the answer names no job")
    url = f"{run.base_url}/functions/v1/{run.route.function}?job_id={quote(run.job_id, safe='')}"
    waits = run.budget.poll_waits()
    while True:
        yield from run.meter.to(10, "Generating")
        wait = waits.next()
        if wait >= run.budget.left_seconds:
            raise run.error("The job has not finished in time and goes on")
        yield Sleep(wait)
        request = Request("GET", url, {"Accept": "application/json"})
        answer = yield from settled(run, request)
        body = body_of(run, answer)
        run.budget.renew()
        if answer.status != 202 and not _is_unfinished(run, body):
            return body
        yield from run.meter.to(_percent(body), "Generating")


def _is_unfinished(run: Run, body: Mapping[str, Any]) -> bool:
    status = values.text(body.get("status")) or ""
    if status in FAILED:
        raise faults.error_in(body, run.route.error_code)
    return status in UNFINISHED


def _percent(body: Mapping[str, Any]) -> float:
    """Returns `progress`, a number from 0 to 100 or an object that has one."""
    progress = body.get("progress")
    inner = values.record(progress).get("progress")
    return values.number(progress) or values.number(inner) or 0.0
