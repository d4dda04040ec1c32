"""Reads untrusted answers: returns a value of the expected type, or None."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

MAX_URL_CHARS = 8_192
_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


def parse(body: bytes) -> Any:
    """Returns the JSON of a body, None if it isn't any."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def record(value: Any) -> Mapping[str, Any]:
    """Returns the object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    """Returns the string, None if it is empty or anything else."""
    return value if isinstance(value, str) and value else None


def number(value: Any) -> float | None:
    """Returns a finite number of zero or more, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def whole(value: Any) -> int | None:
    """Returns a whole number of zero or more, None for anything else."""
    found = number(value)
    return int(found) if found is not None and found == int(found) else None


def url(value: Any) -> str | None:
    """Returns an http or https URL, None for anything else."""
    if not isinstance(value, str) or len(value) > MAX_URL_CHARS or not value.isprintable():
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in {"http", "https"} and parts.netloc else None


def job_id(body: Mapping[str, Any]) -> str | None:
    """Returns the job id in an answer, if it can be part of a path."""
    for name in ("job_id", "jobId"):
        found = body.get(name)
        if isinstance(found, str) and _JOB_ID.fullmatch(found):
            return found
    return None


def first(body: Mapping[str, Any], *names: str) -> Any:
    """Returns the first of these fields that exists and isn't null."""
    return next((body[name] for name in names if body.get(name) is not None), None)


_DIRECT = ("url", "video_url", "videoUrl", "image_url", "audio_url", "audioUrl", "output_url")
_HOLDERS = ("video", "image", "audio", "audio_file", "videos", "images", "media_urls", "model_mesh")
_INNER = ("outcome", "data", "result", "output")


def media_urls(value: Any, depth: int = 3) -> tuple[str, ...]:
    """Returns the URLs of the files in a model's answer, best first.

    It reads the forms of the vendors' result types: `video.url`, `images[].url`, `audio_url`,
    `outcome.media_urls[].url`, and a plain `url`.
    """
    return tuple(dict.fromkeys(_urls(value, depth)))


def _urls(value: Any, depth: int) -> Iterator[str]:
    body = record(value)
    for name in _HOLDERS:
        yield from _held(body.get(name))
    for name in _DIRECT:
        found = url(body.get(name))
        if found:
            yield found
    for name in _INNER if depth else ():
        yield from _urls(body.get(name), depth - 1)


def _held(value: Any) -> Iterator[str]:
    for item in value[:100] if isinstance(value, list) else [value]:
        found = url(record(item).get("url") if isinstance(item, dict) else item)
        if found:
            yield found


def files(body: Mapping[str, Any]) -> Iterator[Any]:
    """Yields the first file of each list of files in an answer, our own first."""
    for name in ("files", "media_urls", "images"):
        held = body.get(name)
        if isinstance(held, list) and held:
            yield held[0]


def dimensions(value: Any) -> tuple[int | None, int | None]:
    """Returns width and height in pixels of the first picture or video that has both."""
    body = record(value)
    for holder in (*files(body), body.get("image"), body.get("video"), body):
        width, height = (whole(record(holder).get(name)) for name in ("width", "height"))
        if width and height:
            return width, height
    return None, None
