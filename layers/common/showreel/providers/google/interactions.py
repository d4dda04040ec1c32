"""Gemini Omni by the Interactions API, in the background.

The vendor takes no key of ours for a job and lists none: a create without an answer can't be found
again. Reading an interaction returns its inputs too, which is several megabytes. Clips always have
sound.
"""

import base64
import binascii
import itertools
import re
from collections.abc import Iterator
from typing import Any

from showreel.core.errors import ProviderContentPolicy, ProviderError, ProviderUpstream
from showreel.providers.base import (
    Failed,
    InputPicture,
    Pending,
    PollResult,
    SubmitRequest,
    Succeeded,
    VendorTask,
)
from showreel.providers.errors import pending, unusable
from showreel.providers.google.api import (
    MAX_URL_CHARS,
    GoogleAccount,
    encoded,
    error_class,
    raise_error,
)
from showreel.providers.values import matching, objects_in, usable_url

PATH = "/v1beta/interactions"
ID = re.compile(r"[A-Za-z0-9_-]{1,512}")
MAX_BODY_BYTES = 40_000_000
"""Two pictures and a clip of 10 seconds, in base64."""
MAX_STEPS = 100
PENDING = frozenset({"queued", "in_progress"})
ENDED = frozenset(
    {"failed", "cancelled", "incomplete", "budget_exceeded"}
    | {"requires_action", "requires_continuation"}
)
"""Ends without a result. Nothing here could answer a required action."""
OVER = frozenset({400, 404})
"""Answers to a cancel of an interaction that has ended or is unknown."""
TOP_LEVEL = frozenset({"service_tier", "store"})
FORMAT = frozenset({"delivery"})
"""Parameters of a binding for the top level and for `response_format`; all others go into
`generation_config`.
"""
FILE = re.compile(r"/v1(?:beta)?/files/([a-z0-9-]{1,100}):download\?")


class GoogleInteractions(GoogleAccount):
    """The adapter of Gemini Omni."""

    name = "google-interactions"

    def submit(self, request: SubmitRequest) -> VendorTask:
        """Creates one interaction."""
        interaction_id = self._created(PATH, _create_body(request)).get("id")
        return VendorTask(matching(interaction_id, ID) or unusable(), handle=PATH)

    def poll(self, task: VendorTask) -> PollResult:
        """Reads the interaction, and the state of its file once it is completed."""
        path = f"{task.handle}/{task.task_id}"
        interaction = self._read(path, max_body_bytes=MAX_BODY_BYTES)
        status = interaction.get("status")
        if status == "completed":
            return self._completed(interaction)
        if isinstance(status, str) and status in ENDED:
            return Failed(_failure(interaction))
        return pending(self.name, status, PENDING)

    def cancel(self, task: VendorTask) -> bool:
        """Stops the interaction."""
        path = f"{task.handle}/{task.task_id}/cancel"
        answer = self._call("POST", path, max_body_bytes=MAX_BODY_BYTES)
        if answer.status in OVER:
            return False
        if answer.status != 200:
            raise_error(answer)
        return answer.body is not None and answer.body.get("status") == "cancelled"

    def _completed(self, interaction: dict[str, Any]) -> PollResult:
        video = _video(interaction)
        url = usable_url(video.get("uri"), MAX_URL_CHARS)
        if url:
            return self._file(url)
        data = _decoded(video.get("data"))
        return Succeeded(data=data) if data else Failed(_failure(interaction))

    def _file(self, url: str) -> PollResult:
        """Returns the file, unless the vendor still processes it; an unknown state means ready."""
        done = self._succeeded(url)
        found = FILE.search(url)
        if not done.headers or found is None:
            return done
        answer = self._call("GET", f"/v1beta/files/{found[1]}")
        state = answer.body.get("state") if answer.status == 200 and answer.body else None
        if state == "FAILED":
            return Failed(ProviderUpstream("the vendor's file failed"))
        return Pending() if state == "PROCESSING" else done


def _create_body(request: SubmitRequest) -> dict[str, Any]:
    """Returns the body. The task makes pictures the first frame, and the last if there are two."""
    pictures = [picture for picture in (request.image, request.end_image) if picture]
    given = request.parameters
    video: dict[str, Any] = {
        "type": "video",
        "delivery": "uri",
        "duration": f"{request.duration_seconds}s",
        "resolution": request.resolution,
        **({"aspect_ratio": request.aspect_ratio} if request.aspect_ratio else {}),
        **{name: given[name] for name in given.keys() & FORMAT},
    }
    task = "image_to_video" if pictures else "text_to_video"
    return {
        **{name: given[name] for name in given.keys() & TOP_LEVEL},
        "model": request.upstream,
        "background": True,
        "input": [{"type": "user_input", "content": _content(request.prompt, pictures)}],
        "generation_config": {
            **{name: given[name] for name in given.keys() - TOP_LEVEL - FORMAT},
            "video_config": {"task": task},
        },
        "response_format": video,
    }


def _content(prompt: str, pictures: list[InputPicture]) -> list[dict[str, str]]:
    images = [
        {"type": "image", "data": encoded(picture), "mime_type": "image/jpeg"}
        for picture in pictures
    ]
    return [*images, {"type": "text", "text": prompt}]


def _video(interaction: dict[str, Any]) -> dict[str, Any]:
    """Returns the last video that the model made; an empty object if there is none."""
    steps = _objects(interaction.get("steps"))[::-1]
    answer = itertools.takewhile(lambda step: step.get("type") != "user_input", steps)
    outputs = [step for step in answer if step.get("type") == "model_output"]
    parts = [part for step in outputs for part in _objects(step.get("content"))[::-1]]
    return next((part for part in parts if part.get("type") == "video"), {})


def _failure(interaction: dict[str, Any]) -> ProviderError:
    """Returns the first known error, from any of the places where the vendor puts one."""
    for error in _errors(interaction):
        known = error_class(error)
        if known is ProviderContentPolicy:
            return ProviderContentPolicy("the vendor refused the content")
        if known is not None:
            return known("the vendor's interaction failed")
    return ProviderUpstream("the vendor's interaction has no result")


def _errors(interaction: dict[str, Any]) -> Iterator[object]:
    yield from _objects(interaction.get("errors"))
    yield interaction.get("error")
    for step in _objects(interaction.get("steps")):
        yield step.get("error")


def _objects(value: object) -> list[dict[str, Any]]:
    return objects_in(value)[-MAX_STEPS:]


def _decoded(data: object) -> bytes | None:
    if not isinstance(data, str):
        return None
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
