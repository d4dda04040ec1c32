"""The common part of Google's two video APIs: the key, pictures, errors and files.

Errors come in two forms: `{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": …}}`
from most of the API, and `{"error": {"code": "rate_limit_exceeded"}}` from Interactions (the
vendor's page "api-errors"). Texts are read for one case only: a prompt that was refused in the
first form has no code of its own.
"""

import base64
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import httpx

from showreel.core.errors import (
    ProviderAuth,
    ProviderContentPolicy,
    ProviderError,
    ProviderInvalidInput,
    ProviderModelGone,
    ProviderQuota,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.providers.accounts import JobsAccount
from showreel.providers.base import InputPicture, Succeeded
from showreel.providers.errors import REFUSED, other_shape, refusal, refuse, unusable
from showreel.providers.http import MAX_BODY_BYTES, MAX_RETRY_AFTER_SECONDS, Answer
from showreel.providers.values import objects_in

KEY_HEADER = "x-goog-api-key"
ONE_MODEL = "/v1beta/models?pageSize=1"
MAX_URL_CHARS = 2048
MAX_DETAILS = 20
WORDS: dict[type[ProviderError], str] = {
    ProviderInvalidInput: "invalid_argument invalid_request parameter_unknown out_of_range",
    ProviderAuth: (
        "authentication unauthenticated permission_denied api_key_invalid api_key_service_blocked"
    ),
    ProviderQuota: "failed_precondition payment_required quota_exceeded billing_disabled",
    ProviderModelGone: "not_found model_not_found",
    ProviderRateLimited: "resource_exhausted rate_limit_exceeded",
    ProviderUpstream: "unavailable service_unavailable",
    ProviderContentPolicy: (
        "safety recitation language prohibited_content spii blocklist content_blocked "
        "image_safety image_prohibited_content image_recitation image_other"
    ),
}
"""From the vendor's pages. A failed precondition is an account without billing; so may be a
`resource_exhausted`, which can't be distinguished from a rate limit."""
CODES = {word: error for error, words in WORDS.items() for word in words.split()}
RPC_NUMBERS = {
    3: "invalid_argument",
    5: "not_found",
    7: "permission_denied",
    8: "resource_exhausted",
    9: "failed_precondition",
    14: "unavailable",
    16: "unauthenticated",
}
"""google.rpc.Code, which a failed operation has in place of a word."""
REFUSALS = ("responsible ai", "support codes:")
"""Parts of the texts about refused prompts (seen by many customers)."""
DELAY = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s\Z")


class GoogleAccount(JobsAccount):
    """Base of both video adapters. The vendor can't look a create up by a key of ours."""

    key_header = KEY_HEADER
    key_form = "{}"
    health_path = ONE_MODEL
    result_hosts = frozenset({"*.googleapis.com", "*.googleusercontent.com"})
    """Downloads are redirected from the API's host to the vendor's storage."""
    keeps_seconds = 2 * 86_400
    reads_pictures = True

    def _created(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Returns the answer to a create. Raises SubmitUnknown if the job may exist."""
        answer = self._create(path, body)
        if answer.status != 200:
            refusal(answer, REFUSED, error_class((answer.body or {}).get("error")))
            raise_error(answer)
        return answer.body or unusable()

    def _read(self, path: str, max_body_bytes: int = MAX_BODY_BYTES) -> dict[str, Any]:
        """Returns the JSON object at a path. Raises ProviderError."""
        answer = self._call("GET", path, max_body_bytes=max_body_bytes)
        if answer.status != 200:
            raise_error(answer)
        if answer.body is None:
            raise other_shape()
        return answer.body

    def _succeeded(self, url: str) -> Succeeded:
        """Returns the result at `url`; the key is sent only to the API's own origin."""
        is_own = _origin(url) == _origin(self.base_url)
        return Succeeded((url,), headers=self._headers() if is_own else {})


def encoded(picture: InputPicture) -> str:
    """Returns the picture in base64; the vendor takes no URLs."""
    return base64.b64encode(picture.read()).decode()


def raise_error(answer: Answer) -> NoReturn:
    """Raises the error of an answer that isn't 200."""
    error = answer.body.get("error") if answer.body else None
    known = error_class(error) or REFUSED.get(answer.status, ProviderUpstream)
    refuse(known, answer, retry_after_seconds=_retry_delay(error))


def error_class(error: object) -> type[ProviderError] | None:
    """Returns the class of an error object, None if nothing in it is known."""
    if not isinstance(error, dict):
        return None
    known = [CODES[word] for word in _words(error) if word in CODES]
    first = known[0] if known else None
    if first in (None, ProviderInvalidInput) and _is_refusal(error):
        return ProviderContentPolicy
    return first


def _words(error: dict[str, Any]) -> Iterator[str]:
    """Yields the error's codes in lower case, the most precise first: reasons, code, status.

    A code may be a URL that ends in the word, says the vendor's SDK.
    """
    reasons = (detail.get("reason") for detail in _details(error))
    code = error.get("code")
    number = RPC_NUMBERS.get(code) if isinstance(code, int) else None
    for word in (*reasons, code, error.get("status"), number):
        if isinstance(word, str):
            yield re.split(r"[/#:]", word[-100:])[-1].lower()


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    return objects_in(error.get("details"))[:MAX_DETAILS]


def _is_refusal(error: dict[str, Any]) -> bool:
    message = error.get("message")
    return isinstance(message, str) and any(words in message.lower() for words in REFUSALS)


def _retry_delay(error: object) -> float | None:
    """Returns the delay of the RetryInfo in seconds, or None."""
    for detail in _details(error) if isinstance(error, dict) else []:
        delay = detail.get("retryDelay")
        found = DELAY.match(delay) if isinstance(delay, str) else None
        if found:
            return min(float(found[1]), MAX_RETRY_AFTER_SECONDS)
    return None


def _origin(url: str) -> tuple[str, bytes, int | None] | None:
    """Parses with httpx, which also fetches: two parsers could disagree about the host."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return None
    return parsed.scheme, parsed.raw_host, parsed.port
