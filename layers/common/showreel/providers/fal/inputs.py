"""The body of a create at fal: the model's own input fields, not wrapped in anything."""

from typing import Any

from showreel.providers.base import SubmitRequest


def create_body(request: SubmitRequest) -> dict[str, Any]:
    """Sends a caller's own fields as they are, and a job of ours in the usual form.

    The binding's parameters are sent in any case.
    """
    return {**(request.inputs or _usual(request)), **request.parameters}


def _usual(request: SubmitRequest) -> dict[str, Any]:
    """Names what the vendor's video models share. A model leaves out fields it doesn't know."""
    seconds = request.duration_seconds
    values: dict[str, Any] = {
        "prompt": request.prompt or None,
        "image_url": request.image.url if request.image else None,
        "end_image_url": request.end_image.url if request.end_image else None,
        "duration": str(seconds) if seconds > 0 else None,
        "aspect_ratio": None if request.image else request.aspect_ratio,
        "generate_audio": request.native_audio or None,
    }
    return {name: value for name, value in values.items() if value is not None}
