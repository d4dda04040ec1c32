"""Checks one value of a caller by the type of its field."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from showreel.catalog.fields import FormField
from showreel.catalog.paths import Path

MAX_URL_CHARS = 4096
MAX_SECONDS = 3600
MAX_TRACKS, MAX_KEYFRAMES = 8, 50
MAX_TIMELINE_MS = 600_000


class Fault(ValueError):
    """What is wrong with a value, as a sentence without its field's name."""


@dataclass(frozen=True)
class InputMediaUrl:
    """A caller's URL of a file to be copied, and its path in what is sent."""

    kind: str
    url: str
    path: Path = ()


@dataclass(frozen=True)
class CheckedValue:
    """A checked value: as we read it, as the vendor is sent it, and the URLs in it."""

    plain: Any
    sent: Any
    media: tuple[InputMediaUrl, ...] = ()

    @classmethod
    def of_seconds(cls, field: FormField, seconds: float) -> "CheckedValue":
        """Returns a length in the form that the vendor takes."""
        written = {
            "value": seconds,
            "text": f"{seconds:g}",
            "seconds_text": f"{seconds:g}s",
            "milliseconds": round(seconds * 1000),
        }
        return cls(seconds, written[field.sends_as])


def is_missing(given: Any) -> bool:
    """Returns whether nothing is given: null, or an empty text or list."""
    return given is None or given in ("", [])


def checked_value(field: FormField, given: Any) -> CheckedValue:
    """Returns the checked value. Raises Fault if its type or size is wrong."""
    if field.type == "tracks":
        return _tracks(given)
    if field.media_kind:
        return _media(field, given)
    plain = _READERS[field.type](field, given)
    if field.role == "duration":
        return CheckedValue.of_seconds(field, plain)
    return CheckedValue(plain, field.mapping.get(str(plain), plain))


def seconds_of(given: Any) -> float:
    """Reads 5, "5" or "5s". Raises Fault unless it is above 0."""
    if isinstance(given, str):
        given = given.strip().removesuffix("s")
    seconds = _number_of(given)
    if not 0 < seconds <= MAX_SECONDS:
        raise Fault("must be a number of seconds above 0")
    return seconds


def _number_of(given: Any) -> float:
    """Returns a number, or a text that is one. Raises Fault."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise Fault("must be a number")
    try:
        number = float(given[:40]) if isinstance(given, str) else float(given)
    except (ValueError, OverflowError) as error:
        raise Fault("must be a number") from error
    if not math.isfinite(number):
        raise Fault("must be a number")
    return number


def _number(field: FormField, given: Any) -> float:
    number = seconds_of(given) if field.role == "duration" else _number_of(given)
    if field.role == "max_tokens" and field.maximum is not None:
        number = min(number, field.maximum)
    _within(field, number)
    return number


def _within(field: FormField, number: float) -> None:
    if field.minimum is not None and number < field.minimum:
        raise Fault(f"must be at least {field.minimum:g}")
    if field.maximum is not None and number > field.maximum:
        raise Fault(f"must be at most {field.maximum:g}")


def _integer(field: FormField, given: Any) -> int:
    number = _number(field, given)
    if not number.is_integer():
        raise Fault("must be a whole number")
    return int(number)


def _string(field: FormField, given: Any) -> str:
    if not isinstance(given, str):
        raise Fault("must be a text")
    if len(given) > field.max_length:
        raise Fault(f"must have at most {field.max_length} characters")
    if field.role == "prompt" and not given.strip():
        raise Fault("must not be blank")
    return given


def _enum(field: FormField, given: Any) -> str:
    text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    if text not in field.choices:
        raise Fault(f"must be one of {', '.join(field.choices)}")
    return str(text)


def _boolean(_field: FormField, given: Any) -> bool:
    if not isinstance(given, bool):
        raise Fault("must be true or false")
    return given


_READERS: Mapping[str, Callable[[FormField, Any], Any]] = {
    "string": _string,
    "number": _number,
    "integer": _integer,
    "enum": _enum,
    "boolean": _boolean,
}


def _media(field: FormField, given: Any) -> CheckedValue:
    """Returns a URL, or a list for list fields; a URL field takes the first of a list."""
    kind = field.media_kind or ""
    urls = given if isinstance(given, list) else [given]
    if not field.type.endswith("_list"):
        url = _url(urls[0])
        return CheckedValue(url, url, (InputMediaUrl(kind, url),))
    if len(urls) > field.max_items:
        raise Fault(f"must have at most {field.max_items} entries")
    if len(urls) < (field.minimum or 0):
        raise Fault(f"must have at least {field.minimum:g} entries")
    texts = [_url(url) for url in urls]
    media = tuple(InputMediaUrl(kind, url, (index,)) for index, url in enumerate(texts))
    return CheckedValue(tuple(texts), texts, media)


def _url(given: Any) -> str:
    if not isinstance(given, str) or not given.strip():
        raise Fault("must be a URL")
    if len(given) > MAX_URL_CHARS:
        raise Fault(f"must have at most {MAX_URL_CHARS} characters")
    return given.strip()


def _tracks(given: Any) -> CheckedValue:
    """Returns a timeline: tracks of keyframes, which have a time, a length and a URL."""
    if not isinstance(given, list) or not 0 < len(given) <= MAX_TRACKS:
        raise Fault(f"must be a list of 1 to {MAX_TRACKS} tracks")
    tracks = [_track(index, track) for index, track in enumerate(given)]
    media = tuple(
        InputMediaUrl(track["type"], frame["url"], (index, "keyframes", place, "url"))
        for index, track in enumerate(tracks)
        for place, frame in enumerate(track["keyframes"])
    )
    return CheckedValue(tracks, tracks, media)


def _track(index: int, given: Any) -> dict[str, Any]:
    track = given if isinstance(given, dict) else {}
    kind, frames = track.get("type"), track.get("keyframes")
    if kind not in {"video", "audio", "image"}:
        raise Fault("a track is of type video, audio or image")
    if not isinstance(frames, list) or not 0 < len(frames) <= MAX_KEYFRAMES:
        raise Fault(f"a track has 1 to {MAX_KEYFRAMES} keyframes")
    return {"id": str(index + 1), "type": kind, "keyframes": [_keyframe(one) for one in frames]}


def _keyframe(given: Any) -> dict[str, Any]:
    frame = given if isinstance(given, dict) else {}
    times = {name: _milliseconds(frame.get(name)) for name in ("timestamp", "duration")}
    if times["timestamp"] + times["duration"] > MAX_TIMELINE_MS:
        raise Fault(f"a timeline is at most {MAX_TIMELINE_MS} ms long")
    return {**times, "url": _url(frame.get("url"))}


def _milliseconds(given: Any) -> int:
    milliseconds = _number_of(given)
    if milliseconds < 0:
        raise Fault("a keyframe's times are milliseconds, not below 0")
    return round(milliseconds)
