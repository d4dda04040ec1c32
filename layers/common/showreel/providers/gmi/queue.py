"""GMI Cloud's request queue: videos, pictures and sound of many makers' models.

A create has no id of ours and there is no webhook or cancel. A lost create can't be found for sure
again, so it is never repeated. Some models are finished when the create is answered; they are read
like the others. A record shows the request too, so results are taken by name from `outcome` alone.
"""

import re
from typing import Any

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.providers.base import (
    Failed,
    Lookup,
    Pending,
    PollResult,
    Recovery,
    SubmitRequest,
    SubmitUnknown,
    Succeeded,
    VendorTask,
)
from showreel.providers.errors import (
    PLAIN_WORD,
    REFUSED,
    UNREADABLE,
    Statuses,
    log_unknown_status,
    refuse,
)
from showreel.providers.event_streams import object_in
from showreel.providers.gmi.inputs import create_body
from showreel.providers.http import Answer, NotSent, call

REQUESTS = "/api/v1/ie/requestqueue/apikey/requests"
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""What may be put into a path. The vendor's ids are UUIDs."""
MAX_URL_CHARS = 4096
MAX_URLS = 20
CREATED = frozenset({200, 201, 202})
WAITING = frozenset({"created", "queued", "dispatched"})
STATUSES: Statuses = {**REFUSED, 503: ProviderUpstream}
"""503 is a model without free capacity (seen by customers)."""
FAILURES: dict[str, type[ProviderError]] = {
    "content_policy_violation": ProviderContentPolicy,
    "content_filter": ProviderContentPolicy,
    "content_moderation": ProviderContentPolicy,
    "invalid_parameters": ProviderInvalidInput,
    "invalid_request_error": ProviderInvalidInput,
}
"""Codes of failed requests; the vendor lists none, these are its makers' usual ones."""
LISTS = ("media_urls", "media")
FIELDS = ("video_url", "image_url", "audio_url", "url")


class Gmi:
    """The adapter."""

    name = "gmi"
    recovery: Recovery = "none"
    has_webhooks = False
    result_hosts = frozenset({"storage.googleapis.com", "*.gmicloud.ai"})

    def __init__(self, base_url: str, key: str) -> None:
        self.base_url = base_url
        self._key = key

    def submit(self, request: SubmitRequest) -> VendorTask:
        """Creates one request. Raises SubmitUnknown if it may exist."""
        body = create_body(request)
        try:
            answer = self._call("POST", REQUESTS, body)
        except NotSent:
            raise
        except ProviderTimeout as error:
            raise SubmitUnknown("the create was not answered") from error
        known = STATUSES.get(answer.status)
        if known is not None:
            refuse(known, answer)
        request_id = (answer.body or {}).get("request_id")
        if answer.status not in CREATED or not _is_id(request_id):
            raise SubmitUnknown("the create was answered by nothing usable")
        return VendorTask(str(request_id), REQUESTS)

    def poll(self, task: VendorTask) -> PollResult:
        """Reads the request's record."""
        if not _is_id(task.task_id):
            raise ProviderUpstream("not an id of this vendor")
        answer = self._call("GET", f"{REQUESTS}/{task.task_id}")
        if answer.status != 200:
            refuse(UNREADABLE.get(answer.status, ProviderUpstream), answer)
        if not answer.body or answer.body.get("request_id", task.task_id) != task.task_id:
            raise ProviderUpstream("the vendor's answer has another shape")
        return _result(answer.body)

    def find(self, lookup: Lookup) -> VendorTask | None:  # noqa: ARG002 - the port's signature
        """Finds none: what the vendor lists can't be told apart for sure."""
        return None

    def cancel(self, task: VendorTask) -> bool:  # noqa: ARG002 - the port's signature
        """Answers False: the vendor has no such call."""
        return False

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        if not self._key:
            raise ProviderAuth("no key for this vendor")
        headers = {"authorization": f"Bearer {self._key}"}
        return call(self.base_url, method, path, headers=headers, body=body)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and REQUEST_ID.fullmatch(value) is not None


def _result(record: dict[str, Any]) -> PollResult:
    match record.get("status"):
        case "success":
            return _succeeded(object_in(record, "outcome"))
        case "failed" | "cancelled":
            return Failed(_failure(record))
        case "processing":
            return Pending(is_running=True)
        case status:
            return _pending(status)


def _pending(status: object) -> Pending:
    is_plain = isinstance(status, str) and PLAIN_WORD.fullmatch(status)
    if not is_plain or status not in WAITING:
        log_unknown_status("gmi", status)
    return Pending()


def _succeeded(outcome: dict[str, Any]) -> PollResult:
    """Returns what came of it; an element to be used in later requests is no file."""
    urls = tuple(_urls(outcome))
    if not urls and not outcome.get("element_id"):
        return Failed(ProviderUpstream("a success without a result"))
    return Succeeded(urls, output=outcome)


def _urls(outcome: dict[str, Any]) -> list[str]:
    """Returns the files, without the small picture that is shown of a video."""
    listed = [entry for name in LISTS for entry in _entries(outcome.get(name))]
    named = [outcome.get(name) for name in FIELDS]
    found = [url for url in (*named, *listed) if isinstance(url, str)]
    usable = [url for url in found if 0 < len(url) <= MAX_URL_CHARS]
    return list(dict.fromkeys(usable))[:MAX_URLS]


def _entries(value: object) -> list[object]:
    """Returns the addresses in a list of texts or of objects with a `url`."""
    listed = value[:MAX_URLS] if isinstance(value, list) else []
    return [entry.get("url") if isinstance(entry, dict) else entry for entry in listed]


def _failure(record: dict[str, Any]) -> ProviderError:
    outcome = object_in(record, "outcome")
    inner = object_in(outcome, "error")
    words = (outcome.get("error_code"), inner.get("code"), inner.get("type"))
    known = [FAILURES[word] for word in words if isinstance(word, str) and word in FAILURES]
    error = known[0] if known else ProviderUpstream
    return error("the vendor's request failed")
