"""Kling, in its first API form (`/v1/videos/*`, the model in the body).

Errors are told apart by the vendor's `code`, not by the HTTP status: 429 is a rate, a concurrency,
an arrears and an out-of-units answer. `external_task_id` is ours, and a task can be read by it; so
a create whose answer was lost is looked up and never repeated blindly.
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
from showreel.core.observability import logger
from showreel.providers.base import (
    Failed,
    Lookup,
    Pending,
    PollResult,
    Recovery,
    SubmitRequest,
    Submitted,
    SubmitUnknown,
    Succeeded,
    Task,
)
from showreel.providers.http import Answer, NotSent, call

TOKEN_SECONDS = 1800
MAX_TASK_ID_CHARS = 128
MAX_URL_CHARS = 4096
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
BY_STATUS: dict[int, type[ProviderError]] = {
    400: ProviderInvalidInput,
    401: ProviderAuth,
    403: ProviderAuth,
    404: ProviderModelGone,
    429: ProviderRateLimited,
}
"""For answers without a known code."""
PLAIN_WORD = re.compile(r"[a-z_]{1,30}")
"""What a status may look like to be worth a log line."""
TASK_NOT_FOUND_STATUS = 404
TASK_NOT_FOUND_CODES = frozenset({1201, 1202, 1203})


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


class Kling:
    """The adapter. It has no way to cancel, because the vendor has none."""

    name = "kling"
    recovery: Recovery = "resend"
    has_webhooks = True
    result_hosts = frozenset({"*.klingai.com", "*.kling.ai", "*.kechuangai.com"})

    def __init__(self, base_url: str, keys: Keys) -> None:
        self.base_url = base_url
        self._keys = keys

    def submit(self, request: SubmitRequest) -> Submitted:
        """Creates one task. Raises SubmitUnknown when only a look-up can tell what became of it."""
        path = _path(has_image=request.image is not None)
        try:
            answer = self._call("POST", path, _create_body(request))
        except NotSent:
            raise
        except ProviderTimeout as error:
            raise SubmitUnknown("the create was not answered") from error
        data = _created(answer)
        return Submitted(task_id=_task_id(data) or _unknown(), handle=path)

    def poll(self, task: Task) -> PollResult:
        """Reads the task."""
        answer = self._call("GET", f"{task.handle}/{task.task_id}")
        return _result(_data(answer))

    def find(self, lookup: Lookup) -> Task | None:
        """Reads the task by our own id."""
        path = _path(has_image=lookup.image_path is not None)
        answer = self._call("GET", f"{path}/{lookup.external_id}")
        if _is_not_found(answer):
            return None
        task_id = _task_id(_data(answer))
        return Task(task_id, path) if task_id else None

    def cancel(self, task: Task) -> bool:  # noqa: ARG002 - the port's signature
        """Never: the vendor has no such call."""
        return False

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        headers = {"authorization": self._keys.bearer()}
        return call(self.base_url, method, path, headers=headers, body=body)


def _path(*, has_image: bool) -> str:
    return "/v1/videos/image2video" if has_image else "/v1/videos/text2video"


def _create_body(request: SubmitRequest) -> dict[str, Any]:
    """Only text-to-video has an aspect ratio; otherwise the first frame decides it."""
    body: dict[str, Any] = {
        **request.parameters,
        "model_name": request.upstream,
        "prompt": request.prompt,
        "duration": str(request.duration_seconds),
        "sound": "on" if request.native_audio else "off",
        "external_task_id": request.external_id,
        "image": request.image.url if request.image else None,
        "image_tail": request.end_image.url if request.end_image else None,
        "aspect_ratio": None if request.image else request.aspect_ratio,
        "callback_url": request.callback_url,
    }
    return {name: value for name, value in body.items() if value is not None}


def _created(answer: Answer) -> dict[str, Any]:
    """The data of an accepted create. An answer that says neither yes nor no is SubmitUnknown."""
    if answer.body is None or not isinstance(answer.body.get("code"), int):
        known = BY_STATUS.get(answer.status)
        if known is None:
            _unknown()
        _raise(known, answer)
    error = _error_class(answer)
    if error is ProviderTimeout:
        _unknown()
    if error is not None:
        _raise(error, answer)
    data = answer.body.get("data")
    return data if isinstance(data, dict) else _unknown()


def _unknown() -> NoReturn:
    raise SubmitUnknown("the create was answered by nothing usable")


def _data(answer: Answer) -> dict[str, Any]:
    error = _error_class(answer)
    if error is not None:
        _raise(error, answer)
    data = answer.body.get("data") if answer.body else None
    if not isinstance(data, dict):
        raise ProviderUpstream("the vendor's answer has another shape")
    return data


def _error_class(answer: Answer) -> type[ProviderError] | None:
    """The class of an error answer, None for success."""
    code = answer.body.get("code") if answer.body else None
    if answer.status == 200 and code == 0:
        return None
    known = ERRORS.get(code) if isinstance(code, int) else None
    return known or BY_STATUS.get(answer.status, ProviderUpstream)


def _raise(error: type[ProviderError], answer: Answer) -> NoReturn:
    if error is ProviderRateLimited:
        raise ProviderRateLimited(
            "the vendor asks us to slow down", retry_after_seconds=answer.retry_after_seconds
        )
    raise error(f"the vendor answered {answer.status}")


def _is_not_found(answer: Answer) -> bool:
    code = answer.body.get("code") if answer.body else None
    empty = code == 0 and answer.body is not None and not answer.body.get("data")
    is_refused = answer.status in (400, TASK_NOT_FOUND_STATUS) and code in TASK_NOT_FOUND_CODES
    return empty or is_refused or (answer.status == TASK_NOT_FOUND_STATUS and code is not None)


def _task_id(data: dict[str, Any]) -> str | None:
    task_id = data.get("task_id")
    if isinstance(task_id, str) and task_id.isascii() and 0 < len(task_id) <= MAX_TASK_ID_CHARS:
        return task_id if not set(task_id) & set("/?#%\\ ") else None
    return None


def _result(data: dict[str, Any]) -> PollResult:
    status = data.get("task_status")
    if status == "succeed":
        return _succeeded(data)
    if status == "failed":
        return Failed(ProviderContentPolicy("refused") if _is_refusal(data) else _broke())
    if status not in PENDING:
        known_form = isinstance(status, str) and PLAIN_WORD.fullmatch(status)
        logger().warning(
            "unknown vendor status", provider="kling", status=status if known_form else "unreadable"
        )
    return Pending()


def _broke() -> ProviderUpstream:
    return ProviderUpstream("the vendor's task failed")


def _is_refusal(data: dict[str, Any]) -> bool:
    """A failed task has no code, only a text. This phrase is how its risk control names itself."""
    message = data.get("task_status_msg")
    return isinstance(message, str) and "risk control" in message.lower()


def _succeeded(data: dict[str, Any]) -> PollResult:
    result = data.get("task_result")
    videos = result.get("videos") if isinstance(result, dict) else None
    urls = tuple(filter(None, map(_url, videos if isinstance(videos, list) else [])))
    return Succeeded(urls) if urls else Failed(ProviderUpstream("a success without a result"))


def _url(video: object) -> str | None:
    url = video.get("url") if isinstance(video, dict) else None
    return url if isinstance(url, str) and 0 < len(url) <= MAX_URL_CHARS else None
