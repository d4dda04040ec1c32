"""What Google's two video APIs have in common: the key, pictures, errors and files.

Errors come in two forms: `{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": …}}`
from most of the API, and `{"error": {"code": "rate_limit_exceeded"}}` from Interactions (the
vendor's page "api-errors"). Texts are looked at for one thing: a prompt that was refused under the
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
"""The vendor's pages. A failed precondition is an account without billing; a `resource_exhausted`
may be one too and can't be told from a rate."""
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
"""google.rpc.Code, which a failed operation carries instead of a word."""
REFUSALS = ("responsible ai", "support codes:")
"""How a refused prompt's text begins to explain itself (seen by many customers)."""
DELAY = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s\Z")


class GoogleAccount(JobsAccount):
    """What both video adapters are. The vendor can't be asked for a create by a key of ours."""

    key_header = KEY_HEADER
    key_form = "{}"
    health_path = ONE_MODEL
    result_hosts = frozenset({"*.googleapis.com", "*.googleusercontent.com"})
    """A download leads from the API's host to the vendor's storage."""
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
        """Reads what the vendor has under a path."""
        answer = self._call("GET", path, max_body_bytes=max_body_bytes)
        if answer.status != 200:
            raise_error(answer)
        if answer.body is None:
            raise other_shape()
        return answer.body

    def _succeeded(self, url: str) -> Succeeded:
        """Returns a result at `url`; the key goes along only to the API's own origin."""
        is_own = _origin(url) == _origin(self.base_url)
        return Succeeded((url,), headers=self._headers() if is_own else {})


def encoded(picture: InputPicture) -> str:
    """Encodes the picture in base64; the vendor takes no URLs."""
    return base64.b64encode(picture.read()).decode()


def raise_error(answer: Answer) -> NoReturn:
    """Raises the class of an error answer."""
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
    """Yields its codes as lower-case words, the most telling first: reasons, the code,
    the status.

    A code may be an address that ends in the word, says the vendor's SDK.
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
    """Returns the RetryInfo's delay in seconds."""
    for detail in _details(error) if isinstance(error, dict) else []:
        delay = detail.get("retryDelay")
        found = DELAY.match(delay) if isinstance(delay, str) else None
        if found:
            return min(float(found[1]), MAX_RETRY_AFTER_SECONDS)
    return None


def _origin(url: str) -> tuple[str, bytes, int | None] | None:
    """Read by httpx, which will also fetch it: two readers could disagree about the host."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return None
    return parsed.scheme, parsed.raw_host, parsed.port
