"""The body of a create at fal: the model's own input fields, not wrapped in anything."""

import re
from typing import Any

from showreel.providers.base import SubmitRequest

SPOKEN = re.compile(r"tts|text-to-speech|speech-02|speech-to-speech")
"""In the names of models that say a text instead of following a prompt."""


def create_body(request: SubmitRequest) -> dict[str, Any]:
    """A caller's own fields go as they are, with the prompt; a job of ours in the usual form.

    The binding's parameters are sent in any case.
    """
    own = {**_prompt(request), **request.inputs}
    fields = own if request.inputs else _usual(request)
    return {**fields, **request.parameters}


def _prompt(request: SubmitRequest) -> dict[str, Any]:
    """Under the name that the model has for it; not beside a text that the caller gave."""
    if not request.prompt or "text" in request.inputs:
        return {}
    return {"text" if SPOKEN.search(request.upstream) else "prompt": request.prompt}


def _usual(request: SubmitRequest) -> dict[str, Any]:
    """What the vendor's video models share. A model leaves out fields that it doesn't know."""
    seconds = request.duration_seconds
    values: dict[str, Any] = {
        **_prompt(request),
        "image_url": request.image.url if request.image else None,
        "end_image_url": request.end_image.url if request.end_image else None,
        "duration": str(seconds) if seconds > 0 else None,
        "aspect_ratio": None if request.image else request.aspect_ratio,
        "generate_audio": request.native_audio or None,
    }
    return {name: value for name, value in values.items() if value is not None}
