"""The body of a create at fal: the model's own input fields at the top level."""

from typing import Any

from showreel.providers.base import SubmitRequest


def create_body(request: SubmitRequest) -> dict[str, Any]:
    """Returns a caller's own fields as they are, or the usual form of a job of ours.

    The binding's parameters are always sent.
    """
    return {**(request.inputs or _usual(request)), **request.parameters}


def _usual(request: SubmitRequest) -> dict[str, Any]:
    """Returns the fields that the vendor's video models share; models ignore unknown ones."""
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
