"""A create on GMI's wire, and what is made for it: a clip, a picture or a sound."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.simulators.pictures import load_picture
from local.simulators.rendering import Rendered, RenderOrder
from local.simulators.sounds import SoundOrder, Sounds
from local.simulators.vendors.fal.pictures import save_picture
from local.simulators.vendors.gmi.models import Family

_FIRST = ("image", "image_url", "first_frame", "image_uri", "element_frontal_image")
_LAST = ("image_tail", "last_frame", "lastFrame", "end_image_url")
_SECONDS = ("durationSeconds", "duration", "duration_seconds")
_RATIOS = ("aspect_ratio", "aspectRatio", "ratio")
_RATIO_SIZES = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (1024, 1024)}
_THUMBNAIL_SIZE = (320, 180)
_SIZE = re.compile(r"(\d{3,4})x(\d{3,4})")
_LONGEST_SECONDS = 30
_CHARACTERS_PER_SECOND = 14
_LONGEST_SPEECH_SECONDS = 60


class OrderRefused(Exception):
    """The create is not one the vendor takes; the text is what it says."""


@dataclass(frozen=True)
class Workshop:
    """Where pictures and sounds are made."""

    folder: Path
    sounds: Sounds

    def thumbnail(self, prompt: str) -> Path:
        """Returns the small picture that a file is shown by."""
        return save_picture(prompt, 0, _THUMBNAIL_SIZE, None, self.folder, "jpeg")


@dataclass(frozen=True)
class GmiOrder:
    """What is to be made."""

    family: Family
    prompt: str
    payload: dict[str, Any]
    seconds: int

    def make(self, workshop: Workshop) -> RenderOrder | Rendered:
        """Returns the finished file, or what a clip is made of. Raises PictureRefused."""
        if self.family.kind == "video":
            return self._clip()
        if self.family.kind in ("speech", "music"):
            return self._sound(workshop.sounds)
        picture = _picture(self.payload, _FIRST)
        given = load_picture(picture) if picture else None
        form = str(self.payload.get("output_format", "jpeg"))
        path = save_picture(self.prompt, 0, self._size(), given, workshop.folder, form)
        return Rendered(path, 0.0)

    def _clip(self) -> RenderOrder:
        first, last = (_picture(self.payload, names) for names in (_FIRST, _LAST))
        ratio = _first_of(self.payload, _RATIOS)
        sound = self.payload.get("sound") == "on" or _is_true(self.payload, "generateAudio")
        return RenderOrder(
            prompt=self.prompt,
            seconds=self.seconds,
            sound=sound or _is_true(self.payload, "generate_audio"),
            first=load_picture(first) if first else None,
            last=load_picture(last) if last else None,
            aspect_ratio=ratio if ratio in _RATIO_SIZES else "16:9",
        )

    def _sound(self, sounds: Sounds) -> Rendered:
        if self.family.kind == "music":
            order = SoundOrder("music", self.seconds, self.prompt, 44_100, 128)
        else:
            wanted = len(self.prompt) / _CHARACTERS_PER_SECOND
            seconds = min(max(wanted, 1.0), _LONGEST_SPEECH_SECONDS)
            order = SoundOrder("speech", seconds, self.prompt, 44_100, 128)
        return Rendered(sounds.make(order), order.seconds)

    def _size(self) -> tuple[int, int]:
        found = _SIZE.fullmatch(str(self.payload.get("size", "")))
        if found:
            return min(int(found[1]), 4096), min(int(found[2]), 4096)
        return _RATIO_SIZES.get(_first_of(self.payload, _RATIOS), (1024, 1024))


def read_order(payload: object, family: Family) -> GmiOrder:
    """Returns the order in a payload. Raises OrderRefused."""
    if not isinstance(payload, dict):
        raise OrderRefused("Invalid payload parameters: payload must be an object")
    prompt = payload.get(family.text_field, "")
    if not isinstance(prompt, str) or (family.needs_text and not prompt.strip()):
        text = f"Invalid payload parameters: {family.text_field} is missing"
        raise OrderRefused(text)
    return GmiOrder(family, prompt, payload, _seconds(payload, family))


def _seconds(payload: dict[str, Any], family: Family) -> int:
    given = next((payload[name] for name in _SECONDS if payload.get(name) is not None), None)
    if given is None:
        return 10 if family.kind == "music" else 5
    text = str(given)
    if not re.fullmatch(r"\d{1,3}", text) or not 1 <= int(text) <= _LONGEST_SECONDS:
        raise OrderRefused("Invalid payload parameters: duration is not one of allowed options")
    return int(text)


def _picture(payload: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """Returns an address or base64, alone or the first of a list."""
    for name in names:
        value = payload.get(name)
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, str) and first:
            return first
    return None


def _first_of(payload: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((str(payload[name]) for name in names if payload.get(name)), "")


def _is_true(payload: dict[str, Any], name: str) -> bool:
    return payload.get(name) is True
