"""fal: models of many makers behind one queue.

A create has no id of ours and can't be replayed, so one whose answer was lost is never repeated;
only its webhook carries its id. The queue accepts any input: the model checks it, and its error is
the answer to the read of the result. There is no failed status.
"""

import json
import re
from typing import Any
from uuid import UUID

from showreel.providers.accounts import JobsAccount
from showreel.providers.base import (
    Lookup,
    Pending,
    PollResult,
    Recovery,
    SubmitRequest,
    VendorTask,
)
from showreel.providers.errors import other_shape, pending, unusable
from showreel.providers.fal.answers import refuse, result, unreadable
from showreel.providers.fal.inputs import create_body
from showreel.providers.fal.urls import (
    MODEL,
    REQUEST_ID,
    RequestUrls,
    read_handle,
    submit_path,
    urls_in,
    usual_urls,
)
from showreel.providers.http import Answer
from showreel.providers.values import matching

CREATED = frozenset({200, 201, 202})
STATUS = frozenset({200, 202})
PLAIN_WORD = re.compile(r"[A-Z_]{1,30}")
"""The form of an unknown status that may be logged."""
MAX_RESULT_BYTES = 4_000_000
"""A transcription with every word's time is long."""
MAX_LOG_LINES, MAX_LOG_CHARS = 20, 200
MAX_QUEUE = 1_000_000
NO_REQUEST = str(UUID(int=0))
KEPT = {"x-fal-object-lifecycle-preference": json.dumps({"expiration_duration_seconds": 86_400})}
"""Asks the vendor to keep results for a day; we copy them at once."""


class Fal(JobsAccount):
    """The adapter of fal."""

    name = "fal"
    key_form = "Key {}"
    recovery: Recovery = "look_up"
    has_webhooks = True
    result_hosts = frozenset({"fal.media", "*.fal.media"})

    def _health_path(self, upstream: str) -> str:
        """Returns the status path of a made-up request: the queue has no other harmless read."""
        urls = usual_urls(upstream, NO_REQUEST)
        return urls.root + urls.status

    def submit(self, request: SubmitRequest) -> VendorTask:
        """Creates one request. Raises SubmitUnknown if it may exist."""
        path = submit_path(request.upstream, request.callback_url)
        answer = self._create(path, create_body(request), KEPT)
        if answer.status not in CREATED:
            refuse(answer)
        created = matching((answer.body or {}).get("request_id"), REQUEST_ID) or unusable()
        usual = usual_urls(request.upstream, created)
        return VendorTask(created, urls_in(self.base_url, answer.body or {}, usual).handle())

    def poll(self, task: VendorTask) -> PollResult:
        """Reads the status, and the result of a finished request."""
        urls = read_handle(task.handle, task.task_id)
        status = _read(self._call("GET", f"{urls.root}{urls.status}?logs=1"), task.task_id)
        match status.get("status"):
            case "COMPLETED":
                return self._result(urls, status)
            case "IN_PROGRESS":
                return Pending(is_running=True, logs=_logs(status))
            case "IN_QUEUE":
                return Pending(queue_position=_position(status))
            case other:
                return pending("fal", other, plain=PLAIN_WORD)

    def find(self, lookup: Lookup) -> VendorTask | None:
        """Returns the request of a webhook's id, if the vendor knows it under that model."""
        reported = lookup.reported_task_id
        if (
            reported is None
            or not REQUEST_ID.fullmatch(reported)
            or not MODEL.fullmatch(lookup.upstream)
        ):
            return None
        urls = usual_urls(lookup.upstream, reported)
        answer = self._call("GET", urls.root + urls.status)
        if answer.status == 404:
            return None
        _read(answer, reported)
        return VendorTask(reported, urls.handle())

    def cancel(self, task: VendorTask) -> bool:
        """Takes the request out of the queue, or asks its runner to stop, which it may ignore."""
        urls = read_handle(task.handle, task.task_id)
        answer = self._call("PUT", urls.root + urls.cancel)
        if answer.status in (400, 404):
            return False
        if answer.status not in STATUS:
            unreadable(answer)
        return True

    def _result(self, urls: RequestUrls, status: dict[str, Any]) -> PollResult:
        url = urls.root + urls.response
        answer = self._call("GET", url, max_body_bytes=MAX_RESULT_BYTES)
        return result(answer, status.get("error_type"))


def _read(answer: Answer, expected_id: str) -> dict[str, Any]:
    """Returns a status's body. Raises ProviderError for any other; not all have the id."""
    if answer.status not in STATUS:
        unreadable(answer)
    if answer.body is None or answer.body.get("request_id", expected_id) != expected_id:
        raise other_shape()
    return answer.body


def _logs(status: dict[str, Any]) -> tuple[str, ...]:
    """Returns the last log lines that may be shown: printable, cut short, without URLs."""
    given = status.get("logs")
    entries = given[-MAX_LOG_LINES:] if isinstance(given, list) else []
    lines = [entry.get("message") if isinstance(entry, dict) else None for entry in entries]
    shown = [line.strip() for line in lines if isinstance(line, str) and "://" not in line]
    return tuple(line[:MAX_LOG_CHARS] for line in shown if line and line.isprintable())


def _position(status: dict[str, Any]) -> int | None:
    position = status.get("queue_position")
    if not isinstance(position, int) or isinstance(position, bool):
        return None
    return position if 0 <= position <= MAX_QUEUE else None
