"""Replicate: models of many makers behind one API of predictions.

A create has no id of ours and can't be replayed, so one whose answer was lost is never repeated but
searched for: the account's predictions are listed and compared by model, prompt, picture and time.
Input and output are deleted an hour after the end. A refused create made nothing; one that was
answered with a server error may have, unless it is a 503 with a JSON body.
"""

import re
import time
from collections.abc import Iterator
from typing import NoReturn

from showreel.core.errors import (
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderUpstream,
)
from showreel.providers.accounts import JobsAccount
from showreel.providers.base import (
    Failed,
    Lookup,
    Pending,
    PollResult,
    Recovery,
    SubmitRequest,
    Succeeded,
    VendorTask,
)
from showreel.providers.errors import (
    PLAIN_WORD,
    REFUSED,
    UNREADABLE,
    Statuses,
    other_shape,
    pending,
    refusal,
    refuse,
    unavailable,
    unusable,
)
from showreel.providers.http import MAX_RETRY_AFTER_SECONDS, Answer
from showreel.providers.replicate.inputs import PREDICTIONS, create_body
from showreel.providers.replicate.search import (
    PREDICTION_ID,
    Prediction,
    fits,
    is_too_old,
    prediction_id,
    read_page,
    strangeness,
)
from showreel.providers.values import matching, usable_url

THROTTLED_FOR = re.compile(r"\bin ~?(\d{1,4}) ?s")
"""The wait in the text of a 429 without `Retry-After`."""
FAILURE_CODE = re.compile(r"\((E\d{3,4})\)|^(E\d{3,4})\b")
MAX_URLS = 10
MAX_LIST_BYTES = 8_000_000
"""A page has a hundred predictions with their inputs, which may hold pictures."""
MAX_PAGES = 10
LOOK_UP_SECONDS = 25.0

CREATED = frozenset({200, 201, 202})
PENDING = frozenset({"starting", "processing"})
STOPPED = frozenset({"canceled", "aborted"})
STATUSES: Statuses = {**REFUSED, 410: ProviderModelGone}
"""402 and 422 are from public reports."""
FAILURES: dict[str, type[ProviderError]] = {
    "E005": ProviderContentPolicy,
    "E006": ProviderInvalidInput,
}
"""The vendor's codes of failed predictions: "flagged as sensitive", "invalid input"."""


class Replicate(JobsAccount):
    """The adapter of Replicate."""

    name = "replicate"
    health_path = "/v1/account"
    recovery: Recovery = "look_up"
    has_webhooks = True
    result_hosts = frozenset({"replicate.delivery", "*.replicate.delivery"})
    keeps_seconds = 3600

    def submit(self, request: SubmitRequest) -> VendorTask:
        """Creates one prediction. Raises SubmitUnknown if it may exist."""
        path, body = create_body(request)
        answer = self._create(path, body)
        if answer.status not in CREATED:
            _refuse(answer, is_pinned="version" in body)
        return VendorTask(prediction_id(answer.body) or unusable(), PREDICTIONS)

    def poll(self, task: VendorTask) -> PollResult:
        """Reads the prediction."""
        answer = self._call("GET", f"{PREDICTIONS}/{_checked(task.task_id)}")
        return _result(_read(answer, task.task_id))

    def find(self, lookup: Lookup) -> VendorTask | None:
        """Returns the prediction of a webhook's id, else the one in the list nearest in time.

        Either must have the create's model, prompt, picture and time.
        """
        fitting = [data for data in self._reported(lookup) if fits(data, lookup)]
        fitting = fitting or [data for data in self._recent(lookup) if fits(data, lookup)]
        if not fitting:
            return None
        likeliest = min(fitting, key=lambda data: strangeness(data, lookup))
        return VendorTask(likeliest["id"], PREDICTIONS)

    def cancel(self, task: VendorTask) -> bool:
        """Stops the prediction. One that has begun is billed."""
        answer = self._call("POST", f"{PREDICTIONS}/{_checked(task.task_id)}/cancel")
        if answer.status in (404, 409, 422):
            return False
        return _status(_read(answer, task.task_id)) in PENDING | STOPPED

    def _reported(self, lookup: Lookup) -> list[Prediction]:
        reported = lookup.reported_task_id
        if reported is None or not PREDICTION_ID.fullmatch(reported):
            return []
        answer = self._call("GET", f"{PREDICTIONS}/{reported}")
        return [] if answer.status == 404 else [_read(answer, reported)]

    def _recent(self, lookup: Lookup) -> Iterator[Prediction]:
        """Yields the account's predictions, newest first, until they are older than the create."""
        deadline = time.monotonic() + LOOK_UP_SECONDS
        path: str | None = PREDICTIONS
        for _ in range(MAX_PAGES):
            if path is None or time.monotonic() > deadline:
                return
            answer = self._call("GET", path, max_body_bytes=MAX_LIST_BYTES)
            if answer.status != 200:
                _raise(UNREADABLE.get(answer.status, ProviderUpstream), answer)
            predictions, path = read_page(answer.body)
            yield from predictions
            if any(is_too_old(data, lookup) for data in predictions):
                return


def _refuse(answer: Answer, *, is_pinned: bool) -> NoReturn:
    """Raises the error of a refused create, SubmitUnknown if the answer is unclear."""
    error = refusal(answer, STATUSES, unavailable(answer))
    if is_pinned and answer.status == 422 and "invalid_fields" not in (answer.body or {}):
        error = ProviderModelGone
    _raise(error, answer)


def _raise(error: type[ProviderError], answer: Answer) -> NoReturn:
    seconds = answer.retry_after_seconds
    if seconds is None:
        seconds = _retry_after_seconds(answer)
    refuse(error, answer, retry_after_seconds=seconds)


def _retry_after_seconds(answer: Answer) -> float | None:
    detail = answer.body.get("detail") if answer.body else None
    found = THROTTLED_FOR.search(detail[:1000]) if isinstance(detail, str) else None
    return min(float(found[1]), MAX_RETRY_AFTER_SECONDS) if found else None


def _read(answer: Answer, expected_id: str) -> Prediction:
    if answer.status not in CREATED:
        _raise(UNREADABLE.get(answer.status, ProviderUpstream), answer)
    if answer.body is None or answer.body.get("id") != expected_id:
        raise other_shape()
    return answer.body


def _checked(task_id: str) -> str:
    if not PREDICTION_ID.fullmatch(task_id):
        raise ProviderUpstream("not an id of this vendor")
    return task_id


def _status(data: Prediction) -> str:
    """Returns the status, or `unreadable`."""
    return matching(data.get("status"), PLAIN_WORD) or "unreadable"


def _result(data: Prediction) -> PollResult:
    status = _status(data)
    if status == "succeeded":
        return _succeeded(data.get("output"))
    if status == "failed":
        return Failed(_failure(data.get("error")))
    if status in STOPPED:
        return Failed(ProviderUpstream("the prediction was stopped"))
    if status == "processing":
        return Pending(is_running=True)
    return pending("replicate", status, PENDING)


def _failure(text: object) -> ProviderError:
    """Classifies a failure by the code in its text; models that the vendor itself runs have one."""
    found = FAILURE_CODE.search(text[:10_000]) if isinstance(text, str) else None
    code = found[1] or found[2] if found else ""
    return FAILURES.get(code, ProviderUpstream)("the vendor's prediction failed")


def _succeeded(output: object) -> PollResult:
    """Returns the result; the output is a URL or a list of them, depending on the model."""
    outputs = output if isinstance(output, list) else [output]
    urls = list(filter(None, map(usable_url, outputs)))
    if not urls:
        return Failed(ProviderUpstream("a success without a result"))
    return Succeeded(tuple(urls[:MAX_URLS]))
