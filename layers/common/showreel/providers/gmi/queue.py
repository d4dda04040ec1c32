"""GMI Cloud's request queue: videos, pictures and sound by models of many makers.

A create has no id of ours, and there is no webhook or cancel. A lost create can't be found for
sure, so it is never repeated. Some models are finished when the create is answered; they are read
like the others. A record has the request too, so results are read by name from `outcome` alone.
"""

import re
from typing import Any

from showreel.core.errors import (
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderUpstream,
)
from showreel.providers.accounts import JobsAccount
from showreel.providers.base import (
    Failed,
    Pending,
    PollResult,
    SubmitRequest,
    Succeeded,
    VendorTask,
)
from showreel.providers.errors import (
    REFUSED,
    UNREADABLE,
    Statuses,
    other_shape,
    pending,
    refuse,
    unusable,
)
from showreel.providers.gmi.inputs import create_body
from showreel.providers.values import matching, object_in, usable_url

QUEUE = "/api/v1/ie/requestqueue/apikey"
REQUESTS, MODELS = f"{QUEUE}/requests", f"{QUEUE}/models"
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""Ids that may be put into a path. The vendor's are UUIDs."""
MAX_URLS = 20
CREATED = frozenset({200, 201, 202})
WAITING = frozenset({"created", "queued", "dispatched"})
STATUSES: Statuses = {**REFUSED, 503: ProviderUpstream}
"""503 means that a model has no free capacity (seen by customers)."""
FAILURES: dict[str, type[ProviderError]] = {
    "content_policy_violation": ProviderContentPolicy,
    "content_filter": ProviderContentPolicy,
    "content_moderation": ProviderContentPolicy,
    "invalid_parameters": ProviderInvalidInput,
    "invalid_request_error": ProviderInvalidInput,
}
"""Codes of failed requests: the vendor lists none, these are usual ones of its makers."""
LISTS = ("media_urls", "media")
FIELDS = ("video_url", "image_url", "audio_url", "url")


class Gmi(JobsAccount):
    """The adapter of GMI Cloud's queue."""

    name = "gmi"
    health_path = MODELS
    result_hosts = frozenset({"storage.googleapis.com", "*.gmicloud.ai"})

    def submit(self, request: SubmitRequest) -> VendorTask:
        """Creates one request. Raises SubmitUnknown if it may exist."""
        answer = self._create(REQUESTS, create_body(request))
        known = STATUSES.get(answer.status)
        if known is not None:
            refuse(known, answer)
        request_id = matching((answer.body or {}).get("request_id"), REQUEST_ID)
        if answer.status not in CREATED or request_id is None:
            unusable()
        return VendorTask(request_id, REQUESTS)

    def poll(self, task: VendorTask) -> PollResult:
        """Reads the request's record."""
        if not REQUEST_ID.fullmatch(task.task_id):
            raise ProviderUpstream("not an id of this vendor")
        answer = self._call("GET", f"{REQUESTS}/{task.task_id}")
        if answer.status != 200:
            refuse(UNREADABLE.get(answer.status, ProviderUpstream), answer)
        if not answer.body or answer.body.get("request_id", task.task_id) != task.task_id:
            raise other_shape()
        return _result(answer.body)


def _result(record: dict[str, Any]) -> PollResult:
    match record.get("status"):
        case "success":
            return _succeeded(object_in(record, "outcome"))
        case "failed" | "cancelled":
            return Failed(_failure(record))
        case "processing":
            return Pending(is_running=True)
        case status:
            return pending("gmi", status, WAITING)


def _succeeded(outcome: dict[str, Any]) -> PollResult:
    """Returns the result: files, or an element for later requests, which is no file."""
    urls = tuple(_urls(outcome))
    if not urls and not outcome.get("element_id"):
        return Failed(ProviderUpstream("a success without a result"))
    return Succeeded(urls, output=outcome)


def _urls(outcome: dict[str, Any]) -> list[str]:
    """Returns the files' URLs, without thumbnails."""
    listed = [entry for name in LISTS for entry in _entries(outcome.get(name))]
    named = [outcome.get(name) for name in FIELDS]
    return list(dict.fromkeys(filter(None, map(usable_url, (*named, *listed)))))[:MAX_URLS]


def _entries(value: object) -> list[object]:
    """Returns the URLs in a list of texts or of objects with a `url`."""
    listed = value[:MAX_URLS] if isinstance(value, list) else []
    return [entry.get("url") if isinstance(entry, dict) else entry for entry in listed]


def _failure(record: dict[str, Any]) -> ProviderError:
    outcome = object_in(record, "outcome")
    inner = object_in(outcome, "error")
    words = (outcome.get("error_code"), inner.get("code"), inner.get("type"))
    known = [FAILURES[word] for word in words if isinstance(word, str) and word in FAILURES]
    error = known[0] if known else ProviderUpstream
    return error("the vendor's request failed")
