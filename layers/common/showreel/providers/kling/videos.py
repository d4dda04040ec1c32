"""Kling's first API standard (`/v1/videos/*`, the model in the body).

`external_task_id` is our attempt key, and a task can be read by it, so a create whose answer was
lost is looked up first.
"""

import time
from typing import Any

import jwt

from showreel.providers.base import Lookup, PollResult, SubmitRequest, VendorTask
from showreel.providers.errors import other_shape, pending, unusable
from showreel.providers.http import Answer
from showreel.providers.kling import answers
from showreel.providers.kling.answers import KlingAccount
from showreel.providers.values import object_in

TOKEN_SECONDS = 1800
TASK_NOT_FOUND_STATUS = 404
TASK_NOT_FOUND_CODES = frozenset({1201, 1202, 1203})
"""A live probe of July 2026 got 400 with 1201, "Task not found"; the vendor's table says 1203."""


class Kling(KlingAccount):
    """The adapter of the first standard. It uses an API key, else an access key and its secret."""

    name = "kling"

    def __init__(
        self, base_url: str, api_key: str = "", access_key: str = "", secret_key: str = ""
    ) -> None:
        super().__init__(base_url, api_key)
        self._access_key, self._secret_key = access_key, secret_key

    def _headers(self) -> dict[str, str]:
        if self._key or not (self._access_key and self._secret_key):
            return super()._headers()
        return {self.key_header: self.key_form.format(self._signed())}

    def _signed(self) -> str:
        seconds = int(time.time())
        claims = {"iss": self._access_key, "exp": seconds + TOKEN_SECONDS, "nbf": seconds - 5}
        return jwt.encode(claims, self._secret_key, algorithm="HS256")

    def submit(self, request: SubmitRequest) -> VendorTask:
        """Creates one task. Raises SubmitUnknown if only a look-up can show whether it exists."""
        path = _path(has_image=request.image is not None)
        created = self._created(path, _create_body(request))
        task_id = answers.task_id_of(created.get("task_id")) or unusable()
        return VendorTask(task_id, handle=path)

    def poll(self, task: VendorTask) -> PollResult:
        """Reads the task."""
        return _result(_task(self._ask(f"{task.handle}/{task.task_id}")))

    def find(self, lookup: Lookup) -> VendorTask | None:
        """Looks the task up by our attempt key."""
        path = _path(has_image=lookup.image_path is not None)
        answer = self._ask(f"{path}/{lookup.external_id}")
        if _is_not_found(answer):
            return None
        task_id = answers.task_id_of(_task(answer).get("task_id"))
        if task_id is None:
            raise other_shape()
        return VendorTask(task_id, path)


def _path(*, has_image: bool) -> str:
    return "/v1/videos/image2video" if has_image else "/v1/videos/text2video"


def _create_body(request: SubmitRequest) -> dict[str, Any]:
    """Returns the body. Only text-to-video has a ratio; otherwise the first frame decides it."""
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


def _task(answer: Answer) -> dict[str, Any]:
    found = answers.data_of(answer)
    if not isinstance(found, dict):
        raise other_shape()
    return found


def _is_not_found(answer: Answer) -> bool:
    code = answer.body.get("code") if answer.body else None
    code = code if isinstance(code, int) else None
    empty = code == 0 and answer.body is not None and not answer.body.get("data")
    is_refused = answer.status in (400, TASK_NOT_FOUND_STATUS) and code in TASK_NOT_FOUND_CODES
    return empty or is_refused or (answer.status == TASK_NOT_FOUND_STATUS and code is not None)


def _result(task: dict[str, Any]) -> PollResult:
    match task.get("task_status"):
        case "succeed":
            return answers.succeeded(object_in(task, "task_result").get("videos"))
        case "failed":
            return answers.failed(task.get("task_status_msg"))
        case status:
            return pending("kling", status, answers.PENDING)
