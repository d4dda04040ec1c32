"""What GMI's queue can make, recognized by the makers' names in its models' ids.

The vendor has hundreds of models of some dozens of families, with an id for every variant; what is
not of a family here is unknown. Which ones are finished when the create is answered was seen by
customers: speech, and pictures of Seedream.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["video", "picture", "speech", "music", "element"]


@dataclass(frozen=True)
class Family:
    """Models of one sort: what they make, and the field of their text."""

    kind: Kind
    text_field: str = "prompt"
    needs_text: bool = True
    is_instant: bool = False
    price: float = 0.1


_ID = re.compile(r"[A-Za-z0-9._-]{1,80}")
_FAMILIES: dict[str, Family] = {
    "kling-create-element": Family("element", "element_name"),
    "audio-to-video": Family("video", needs_text=False, price=0.3),
    "tts voice-clone audio-editx minimetalks": Family(
        "speech", "text", is_instant=True, price=0.05
    ),
    "music": Family("music"),
    "seedream": Family("picture", is_instant=True, price=0.035),
    (
        "image-preview gpt-image flux seededit reve- z-image bria-fibo bria-genfill hunyuan-image"
    ): Family("picture", price=0.035),
    (
        "veo kling wan seedance sora pixverse ltx luma minimax-hailuo skyreels happyhorse "
        "bria-video"
    ): Family("video", price=0.3),
}
"""By parts of a model's name; the first that fits counts."""
_LISTED = (
    "Veo3",
    "Kling-Image2Video-V2.1-Master",
    "kling-3.0-turbo-i2v",
    "wan2.6-t2v",
    "seedance-2-0-260128",
    "seedream-5.0-lite",
    "gemini-3.1-flash-image-preview",
    "minimax-tts-speech-2.8-hd",
    "minimax-music-3.0",
)


def family_of(model: str) -> Family | None:
    """Returns what a model makes, None if there is no such model."""
    if not _ID.fullmatch(model):
        return None
    name = model.lower()
    found = (of for parts, of in _FAMILIES.items() if any(part in name for part in parts.split()))
    return next(found, None)


def listed(gone: frozenset[str]) -> list[str]:
    """Returns some of the models."""
    return [name for name in _LISTED if name not in gone]


def page(model: str, family: Family) -> dict[str, Any]:
    """Returns a model's page, with the fields that it has for sure."""
    text = {"name": family.text_field, "type": "string", "required": family.needs_text}
    return {
        "model": model,
        "parameters": [text],
        "price_info": {"price": family.price, "unit": "USD"},
    }
