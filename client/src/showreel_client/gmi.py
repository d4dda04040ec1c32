"""The route gmi-cloud: a job is submitted, then polled; a text is answered at once."""

from collections.abc import Mapping
from typing import Any

from showreel_client import faults, values
from showreel_client.effects import Conversation, Emit, Request, Sleep
from showreel_client.errors import GenerationError
from showreel_client.models import GenerationInput
from showreel_client.outcome import Outcome
from showreel_client.references import gmi_inputs
from showreel_client.run import Run, body_of, settled
from showreel_client.text import text_of

SUCCEEDED = frozenset({"success", "succeeded", "completed"})
FAILED = frozenset({"failed", "cancelled", "canceled", "error"})
MESSAGES = {"dispatched": "Queued", "queued": "Queued"}
MAX_REQUEST_ID_CHARS = 512


def generate(
    run: Run, wanted: GenerationInput, model: str, extra: Mapping[str, Any]
) -> Conversation[Outcome]:
    """Returns the outcome. Raises GenerationError `gmi_error`, `gmi_timeout` at the deadline."""
    inputs = {name: value for name, value in gmi_inputs(wanted).items() if name != "stream"}
    body = {"modelId": model, "inputs": inputs, "action": "submit", **extra}
    submitted = body_of(run, (yield from settled(run, run.post(body))))
    yield from run.know(submitted)
    text = text_of(submitted.get("data")) or text_of(submitted)
    if text is not None:
        yield Emit(text)
        return _text(submitted, text)
    status = _status(run, submitted)
    if status not in SUCCEEDED:
        submitted = yield from _poll(run, model, _request_id(run, submitted))
    return _media(submitted)


def _poll(run: Run, model: str, request_id: str) -> Conversation[Mapping[str, Any]]:
    waits = run.budget.poll_waits()
    request = run.post({"modelId": model, "action": "poll", "requestId": request_id})
    yield from run.meter.to(10, "Queued")
    while True:
        wait = waits.next()
        if wait >= run.budget.left_seconds:
            raise GenerationError("GMI Cloud has not finished in time", "gmi_timeout")
        yield Sleep(wait)
        body = body_of(run, (yield from settled(run, _without_key(request))))
        run.budget.renew()
        yield from run.know(body)
        status = _status(run, body)
        if status in SUCCEEDED:
            return body
        yield from run.meter.to(_percent(run, body), MESSAGES.get(status, "Generating"))


def _without_key(request: Request) -> Request:
    """Returns the request without its key: each poll needs a new answer."""
    return Request(request.method, request.url, {"Accept": "application/json"}, request.json)


def _percent(run: Run, body: Mapping[str, Any]) -> float:
    """Returns the progress that the server sends, else the share of the time that has passed."""
    percent = values.number(values.first(body, "progress", "percent"))
    total = run.budget.limits.total_seconds
    return percent if percent is not None else 15 + 75 * (1 - run.budget.left_seconds / total)


def _status(run: Run, body: Mapping[str, Any]) -> str:
    """Returns the status in lower case. Raises GenerationError for a failure."""
    inner = values.record(body.get("data"))
    status = (values.text(body.get("status")) or values.text(inner.get("status")) or "").lower()
    if status in FAILED:
        failure = {**values.record(inner.get("outcome")), **body}
        raise faults.error_in(failure, run.route.error_code)
    return status


def _request_id(run: Run, body: Mapping[str, Any]) -> str:
    found = values.text(values.first(body, "requestId", "request_id"))
    if found is None or len(found) > MAX_REQUEST_ID_CHARS:
        raise run.error("The answer names no request")
    return found


def _media(body: Mapping[str, Any]) -> Outcome:
    outcome = Outcome()
    outcome.take({name: value for name, value in body.items() if name != "data"})
    outcome.take_media(body)
    if not outcome.urls and outcome.storage_url is None:
        raise GenerationError("GMI Cloud finished without a result", "no_result")
    return outcome


def _text(body: Mapping[str, Any], text: str) -> Outcome:
    outcome = Outcome(media_type="text")
    outcome.take({name: value for name, value in body.items() if name != "data"})
    usage = values.record(body.get("data")).get("usage")
    outcome.raw = {"text": text} | ({"usage": usage} if isinstance(usage, dict) else {})
    return outcome
