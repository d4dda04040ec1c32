"""Veo by the Gemini API's long-running operations: one is created, then polled.

The vendor has no webhooks, list of jobs or cancel, and takes no key of ours for a job: a create
without an answer can't be found again.
"""

import re
from typing import Any
from urllib.parse import quote

from showreel.core.errors import ProviderContentPolicy, ProviderUpstream
from showreel.providers.base import (
    Failed,
    InputPicture,
    Pending,
    PollResult,
    SubmitRequest,
    VendorTask,
)
from showreel.providers.errors import unusable
from showreel.providers.google.api import MAX_URL_CHARS, GoogleAccount, encoded, error_class
from showreel.providers.values import first_object, object_in, usable_url

NAME = re.compile(
    r"(?P<path>models/[A-Za-z0-9][A-Za-z0-9._-]{0,99}/operations)/(?P<id>[A-Za-z0-9_-]{1,128})\Z"
)
WITHOUT_RESOLUTION = frozenset({"veo-2.0-generate-001"})
"""Models that refuse the field `resolution`; they make 720p."""


class GoogleVeo(GoogleAccount):
    """The adapter of Veo."""

    name = "google-veo"

    def submit(self, request: SubmitRequest) -> VendorTask:
        """Creates one operation."""
        path = f"/v1beta/models/{quote(request.upstream, safe='')}:predictLongRunning"
        name = self._created(path, _create_body(request)).get("name")
        found = NAME.match(name) if isinstance(name, str) else None
        if found is None:
            unusable()
        return VendorTask(task_id=found["id"], handle=f"/v1beta/{found['path']}")

    def poll(self, task: VendorTask) -> PollResult:
        """Reads the operation, which has no `done` before its end."""
        operation = self._read(f"{task.handle}/{task.task_id}")
        if operation.get("done") is not True:
            return Pending()
        if operation.get("error"):
            known = error_class(operation["error"]) or ProviderUpstream
            return Failed(known("the vendor's operation failed"))
        return self._result(object_in(object_in(operation, "response"), "generateVideoResponse"))

    def _result(self, response: dict[str, Any]) -> PollResult:
        video = object_in(first_object(response.get("generatedSamples")), "video")
        url = usable_url(video.get("uri"), MAX_URL_CHARS)
        if url:
            return self._succeeded(url)
        if response.get("raiMediaFilteredCount") or response.get("raiMediaFilteredReasons"):
            return Failed(ProviderContentPolicy("the vendor filtered its result"))
        return Failed(ProviderUpstream("a success without a result"))


def _create_body(request: SubmitRequest) -> dict[str, Any]:
    """Returns the body as the vendor's SDK sends it, with the last frame in the instance."""
    instance = {
        "prompt": request.prompt,
        "image": _image(request.image),
        "lastFrame": _image(request.end_image),
    }
    parameters = {
        **request.parameters,
        "sampleCount": 1,
        "durationSeconds": request.duration_seconds,
        "aspectRatio": request.aspect_ratio,
        "resolution": None if request.upstream in WITHOUT_RESOLUTION else request.resolution,
    }
    return {"instances": [_given(instance)], "parameters": _given(parameters)}


def _image(picture: InputPicture | None) -> dict[str, str] | None:
    if picture is None:
        return None
    return {"bytesBase64Encoded": encoded(picture), "mimeType": "image/jpeg"}


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
