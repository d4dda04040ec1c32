"""The common part of Kling's two API standards: the key, the envelope, the error codes.

Every answer is `{"code", "message", "data"}`, also with HTTP 200. The vendor's `code` says which
error it is, not the HTTP status: 429 may be a rate or concurrency limit, arrears, or no units left.
"""

import re
from typing import Any

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUpstream,
)
from showreel.providers.accounts import JobsAccount
from showreel.providers.base import Failed, Recovery, Succeeded
from showreel.providers.errors import REFUSED, refuse, unusable
from showreel.providers.http import Answer
from showreel.providers.values import matching, objects_in, usable_url

PENDING = frozenset({"submitted", "processing"})
ERRORS: dict[int, type[ProviderError]] = {
    **dict.fromkeys((1000, 1001, 1002, 1003, 1004), ProviderAuth),
    1100: ProviderAuth,
    1101: ProviderQuota,
    1102: ProviderQuota,
    1103: ProviderAuth,
    1200: ProviderInvalidInput,
    1201: ProviderInvalidInput,
    1202: ProviderModelGone,
    1203: ProviderModelGone,
    1300: ProviderContentPolicy,
    1301: ProviderContentPolicy,
    1302: ProviderRateLimited,
    1303: ProviderRateLimited,
    1304: ProviderAuth,
    5000: ProviderUpstream,
    5001: ProviderUpstream,
    5002: ProviderTimeout,
}
"""The vendor's table of codes."""
TASK_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.:-]{0,127}")
"""Ids that may be put into a path. The vendor's are decimal numbers of 18 digits."""


class KlingAccount(JobsAccount):
    """Base of both adapters. The vendor has no cancel."""

    recovery: Recovery = "resend"
    has_webhooks = True
    result_hosts = frozenset({"*.klingai.com", "*.kling.ai", "*.kechuangai.com"})
    keeps_seconds = 30 * 86_400

    def _created(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Returns the data of an accepted create.

        Raises SubmitUnknown if only a look-up can show whether the task exists.
        """
        return _accepted(self._create(path, body))

    def _ask(self, path: str) -> Answer:
        """Sends a read, which is free and may be repeated."""
        return self._call("GET", path)


def _accepted(answer: Answer) -> dict[str, Any]:
    """Returns the data of an accepted create. Raises SubmitUnknown for an unclear answer."""
    if answer.body is None or not isinstance(answer.body.get("code"), int):
        known = REFUSED.get(answer.status)
        if known is None:
            unusable()
        refuse(known, answer)
    error = error_class(answer)
    if error is ProviderTimeout:
        unusable()
    if error is not None:
        refuse(error, answer)
    found = answer.body.get("data")
    return found if isinstance(found, dict) else unusable()


def data_of(answer: Answer) -> Any:
    """Returns the data of a successful answer, in whatever form it has.

    Raises ProviderError.
    """
    error = error_class(answer)
    if error is not None:
        refuse(error, answer)
    return answer.body.get("data") if answer.body else None


def error_class(answer: Answer) -> type[ProviderError] | None:
    """Returns the class of an error answer, None for success."""
    code = answer.body.get("code") if answer.body else None
    if answer.status == 200 and code == 0:
        return None
    known = ERRORS.get(code) if isinstance(code, int) else None
    return known or REFUSED.get(answer.status, ProviderUpstream)


def task_id_of(value: object) -> str | None:
    """Returns the value if it can be a task's id."""
    return matching(value, TASK_ID)


def failed(message: object) -> Failed:
    """Classifies a failed task by its text, as it has no code: "risk control" is content policy."""
    if isinstance(message, str) and "risk control" in message.lower():
        return Failed(ProviderContentPolicy("refused"))
    return Failed(ProviderUpstream("the vendor's task failed"))


def succeeded(videos: object) -> Succeeded | Failed:
    """Returns the URLs in a list of videos, or Failed if there are none."""
    urls = tuple(filter(None, (usable_url(video.get("url")) for video in objects_in(videos))))
    return Succeeded(urls) if urls else Failed(ProviderUpstream("a success without a result"))
