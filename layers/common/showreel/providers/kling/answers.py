"""What both of Kling's API standards share: keys, the envelope of an answer, the error table.

Every answer is `{"code", "message", "data"}`, also with HTTP 200. Errors are told apart by the
vendor's `code`, not by the HTTP status: 429 is a rate, a concurrency, an arrears and an
out-of-units answer.
"""

import re
import time
from dataclasses import dataclass
from typing import Any, NoReturn

import jwt

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
from showreel.providers.base import Failed, Pending, SubmitUnknown, Succeeded
from showreel.providers.http import Answer, NotSent, call
from showreel.providers.refusals import PLAIN_WORD, log_unknown_status, refuse

TOKEN_SECONDS = 1800
MAX_URL_CHARS = 4096
PENDING = frozenset({"submitted", "processing"})
RESULT_HOSTS = frozenset({"*.klingai.com", "*.kling.ai", "*.kechuangai.com"})
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
BY_STATUS: dict[int, type[ProviderError]] = {
    400: ProviderInvalidInput,
    401: ProviderAuth,
    403: ProviderAuth,
    404: ProviderModelGone,
    429: ProviderRateLimited,
}
"""For answers without a known code."""
TASK_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.:-]{0,127}")
"""What may be put into a path. The vendor's ids are decimal numbers of 18 digits."""


@dataclass(frozen=True)
class Keys:
    """Either an API key, or an access key with its secret."""

    api_key: str = ""
    access_key: str = ""
    secret_key: str = ""

    def bearer(self) -> str:
        """The `Authorization` value: the API key if there is one, else a token signed now.

        Raises ProviderAuth when there is no key at all.
        """
        if not (self.api_key or (self.access_key and self.secret_key)):
            raise ProviderAuth("no keys for this vendor")
        return f"Bearer {self.api_key or self._signed()}"

    def _signed(self) -> str:
        seconds = int(time.time())
        claims = {"iss": self.access_key, "exp": seconds + TOKEN_SECONDS, "nbf": seconds - 5}
        return jwt.encode(claims, self.secret_key, algorithm="HS256")


def create(base_url: str, path: str, keys: Keys, body: dict[str, Any]) -> dict[str, Any]:
    """The data of an accepted create. Raises SubmitUnknown when only a look-up can tell."""
    headers = {"authorization": keys.bearer()}
    try:
        answer = call(base_url, "POST", path, headers=headers, body=body)
    except NotSent:
        raise
    except ProviderTimeout as error:
        raise SubmitUnknown("the create was not answered") from error
    return _created(answer)


def ask(base_url: str, path: str, keys: Keys) -> Answer:
    """The answer to a question; it is free and may be repeated."""
    return call(base_url, "GET", path, headers={"authorization": keys.bearer()})


def _created(answer: Answer) -> dict[str, Any]:
    """An answer that says neither yes nor no is SubmitUnknown."""
    if answer.body is None or not isinstance(answer.body.get("code"), int):
        known = BY_STATUS.get(answer.status)
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


def unusable() -> NoReturn:
    """Raises SubmitUnknown: the create was answered, but by what?"""
    raise SubmitUnknown("the create was answered by nothing usable")


def data_of(answer: Answer) -> Any:
    """The data of a good answer; its shape is still to be looked at. Raises ProviderError."""
    error = error_class(answer)
    if error is not None:
        refuse(error, answer)
    return answer.body.get("data") if answer.body else None


def error_class(answer: Answer) -> type[ProviderError] | None:
    """The class of an error answer, None for success."""
    code = answer.body.get("code") if answer.body else None
    if answer.status == 200 and code == 0:
        return None
    known = ERRORS.get(code) if isinstance(code, int) else None
    return known or BY_STATUS.get(answer.status, ProviderUpstream)


def other_shape() -> ProviderUpstream:
    """An answer that is not what the vendor documents."""
    return ProviderUpstream("the vendor's answer has another shape")


def task_id_of(value: object) -> str | None:
    """The value if it can be a task's id."""
    return value if isinstance(value, str) and TASK_ID.fullmatch(value) else None


def pending(provider: str, status: object) -> Pending:
    """Not finished. A status that nobody knows is logged, but only if it is a plain word."""
    is_plain = isinstance(status, str) and PLAIN_WORD.fullmatch(status)
    if not is_plain or status not in PENDING:
        log_unknown_status(provider, status)
    return Pending()


def failed(message: object) -> Failed:
    """A failed task has no code, only a text; "risk control" is how the content check signs."""
    if isinstance(message, str) and "risk control" in message.lower():
        return Failed(ProviderContentPolicy("refused"))
    return Failed(ProviderUpstream("the vendor's task failed"))


def succeeded(videos: object) -> Succeeded | Failed:
    """The addresses in a list of videos."""
    urls = tuple(filter(None, map(_url, videos if isinstance(videos, list) else [])))
    return Succeeded(urls) if urls else Failed(ProviderUpstream("a success without a result"))


def _url(video: object) -> str | None:
    url = video.get("url") if isinstance(video, dict) else None
    return url if isinstance(url, str) and 0 < len(url) <= MAX_URL_CHARS else None
