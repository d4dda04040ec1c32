"""The state of one call, and requests that are repeated until they are answered. Pure functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from showreel_client import faults, values
from showreel_client.budget import Budget
from showreel_client.effects import Answer, Conversation, JobKnown, Report, Request, Send, Sleep
from showreel_client.errors import GenerationError
from showreel_client.models import Progress
from showreel_client.routes import Route


@dataclass
class Meter:
    """Progress that never falls."""

    percent: int = -1
    message: str = ""

    def to(self, percent: float, message: str) -> Iterator[Report]:
        """Reports progress, unless it is the same as before. Only `finish` reaches 100."""
        yield from self._report(min(99, int(percent)), message)

    def finish(self) -> Iterator[Report]:
        """Reports the end, 100 percent."""
        yield from self._report(100, "Complete")

    def _report(self, percent: int, message: str) -> Iterator[Report]:
        percent = max(percent, self.percent, 0)
        if (percent, message) != (self.percent, self.message):
            self.percent, self.message = percent, message
            yield Report(Progress(percent, message))


@dataclass
class Run:
    """One generation on its way."""

    base_url: str
    route: Route
    budget: Budget
    request_id: str
    meter: Meter = field(default_factory=Meter)
    job_id: str | None = None

    def post(
        self, body: Mapping[str, Any], *, accept: str = "application/json", prefer: str = ""
    ) -> Request:
        """Returns the request that may cost money; its key is the same whenever it is repeated."""
        url = f"{self.base_url}/functions/v1/{self.route.function}"
        headers = {"Accept": accept, "Idempotency-Key": self.request_id}
        headers |= {"Prefer": prefer} if prefer else {}
        return Request("POST", url, headers, dict(body))

    def know(self, body: Mapping[str, Any]) -> Iterator[JobKnown]:
        """Stores the job that an answer names, and notifies the driver."""
        job_id = values.job_id(body)
        if job_id and job_id != self.job_id:
            self.job_id = job_id
            yield JobKnown(job_id)

    def error(self, message: str) -> GenerationError:
        """Returns an error with the route's code."""
        return GenerationError(message, self.route.error_code)


def settled(run: Run, request: Request) -> Conversation[Answer]:
    """Sends a request and returns its final answer; after passing faults it is repeated unchanged.

    Raises GenerationError when attempts or time are used up.
    """
    while True:
        outcome = yield Send(request)
        if isinstance(outcome, Answer) and not faults.is_passing(outcome):
            return outcome
        yield from pause(run, outcome)


def pause(run: Run, outcome: Any) -> Conversation[None]:
    """Waits before another attempt, or raises the last one's error."""
    error = faults.error_of(outcome, run.route.error_code)
    if not faults.is_passing(outcome):
        raise error
    counts = not faults.is_in_flight(outcome)
    wait = run.budget.wait_seconds(faults.retry_after_seconds(outcome), counts=counts)
    if wait is None:
        raise error
    yield Sleep(wait)


def body_of(run: Run, answer: Answer) -> Mapping[str, Any]:
    """Returns the JSON object of a successful answer. Raises GenerationError for any other."""
    if not answer.is_ok:
        raise faults.error_of(answer, run.route.error_code)
    if not answer.body.strip():
        raise GenerationError("The answer has no body", "no_body", status=answer.status)
    body = values.parse(answer.body)
    if not isinstance(body, dict):
        raise run.error("The answer is not a JSON object")
    if body.get("success") is False:
        raise faults.error_in(body, run.route.error_code, status=answer.status)
    return body
