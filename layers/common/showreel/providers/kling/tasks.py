"""Kling's second API standard (June 2026): the model in the path, one `/tasks` for all.

It takes API keys only; a signed token is refused with 401 and 1002. `external_task_id` is our
attempt key, and tasks can be read by it, so a create whose answer was lost is looked up first.
"""

from typing import Any
from urllib.parse import quote

from showreel.providers.base import Lookup, PollResult, SubmitRequest, VendorTask
from showreel.providers.errors import other_shape, pending, unusable
from showreel.providers.kling import answers
from showreel.providers.kling.answers import KlingAccount
from showreel.providers.values import objects_in

TASKS = "/tasks"
WITH_AUDIO = frozenset({"kling-3.0", "kling-2.6"})
"""Models with the setting `audio`. Turbo ones lack it: 3.0 always has sound, 2.5 never."""
WITH_SHOTS = frozenset({"kling-3.0"})
"""Models that cut between several shots unless `multi_shot` is false."""
FULL_SIZE_ONLY = frozenset({"kling-2.6", "kling-2.5-turbo"})
"""Models that take an end frame, or make sound, at 1080p only."""


class KlingTasks(KlingAccount):
    """The adapter of the second standard."""

    name = "kling-tasks"

    def submit(self, request: SubmitRequest) -> VendorTask:
        """Creates one task. Raises SubmitUnknown if only a look-up can show whether it exists."""
        family = "image-to-video" if request.image else "text-to-video"
        path = f"/{family}/{quote(request.upstream, safe='')}"
        created = self._created(path, _create_body(request))
        task_id = answers.task_id_of(created.get("id")) or unusable()
        return VendorTask(task_id, handle=TASKS)

    def poll(self, task: VendorTask) -> PollResult:
        """Reads the task. Raises ProviderUpstream when the vendor doesn't list it."""
        return _result(_only(self._tasks("task_ids", task.task_id), "id", task.task_id))

    def find(self, lookup: Lookup) -> VendorTask | None:
        """Looks the task up by our attempt key; for an unknown one the vendor's list is empty."""
        tasks = self._tasks("external_task_ids", lookup.external_id)
        if not tasks:
            return None
        task_id = answers.task_id_of(_only(tasks, "external_id", lookup.external_id).get("id"))
        if task_id is None:
            raise other_shape()
        return VendorTask(task_id, TASKS)

    def _tasks(self, field: str, value: str) -> list[object]:
        path = f"{TASKS}?{field}={quote(value, safe='')}"
        tasks = answers.data_of(self._ask(path))
        if not isinstance(tasks, list):
            raise other_shape()
        return tasks


def _only(tasks: list[object], field: str, value: str) -> dict[str, Any]:
    """Returns the task with this value of `field`. Raises ProviderUpstream if there is none."""
    for task in objects_in(tasks):
        if task.get(field) == value:
            return task
    raise other_shape()


def _create_body(request: SubmitRequest) -> dict[str, Any]:
    content = {"contents": _contents(request)} if request.image else {"prompt": request.prompt}
    return {**content, "settings": _settings(request), "options": _options(request)}


def _contents(request: SubmitRequest) -> list[dict[str, str]]:
    frames = {"first_frame": request.image, "last_frame": request.end_image}
    return [
        {"type": "prompt", "text": request.prompt},
        *({"type": name, "url": picture.url} for name, picture in frames.items() if picture),
    ]


def _settings(request: SubmitRequest) -> dict[str, Any]:
    """Returns the settings. Only text-to-video has a ratio; else the first frame decides it."""
    settings: dict[str, Any] = {
        "resolution": _resolution(request),
        "multi_shot": False if request.upstream in WITH_SHOTS else None,
        "aspect_ratio": None if request.image else request.aspect_ratio,
        **request.parameters,
        "duration": request.duration_seconds,
    }
    if request.upstream in WITH_AUDIO:
        settings["audio"] = "native" if request.native_audio else "off"
    return {name: value for name, value in settings.items() if value is not None}


def _resolution(request: SubmitRequest) -> str:
    needs_full_size = request.end_image is not None or request.native_audio
    if needs_full_size and request.upstream in FULL_SIZE_ONLY:
        return "1080p"
    return request.resolution


def _options(request: SubmitRequest) -> dict[str, Any]:
    callback = {"callback_url": request.callback_url} if request.callback_url else {}
    return {
        "external_task_id": request.external_id,
        "watermark_info": {"enabled": False},
        **callback,
    }


def _result(task: dict[str, Any]) -> PollResult:
    match task.get("status"):
        case "succeeded":
            return answers.succeeded(_videos(task.get("outputs")))
        case "failed":
            return answers.failed(task.get("message"))
        case status:
            return pending("kling-tasks", status, answers.PENDING)


def _videos(outputs: object) -> list[object]:
    return [each for each in objects_in(outputs) if each.get("type") == "video"]
