"""A shot's idea as its author gave it: cleaned, bounded, and made into a picture's prompt."""

from collections.abc import Mapping
from typing import Any, get_args

from showreel.core.models import FrozenModel
from showreel.storyboards.models import ShotType

TITLE_CHARS, DESCRIPTION_CHARS, CAMERA_CHARS = 120, 1500, 200
TITLE_WORDS = 6
"""How many words of the description make a title."""
USUAL_SECONDS, LEAST_SECONDS, MOST_SECONDS = 5.0, 1.0, 15.0
FINISH = "Cinematic lighting, professional framing, filmic detail."
FRAMINGS: Mapping[ShotType, str] = {
    "wide": "Wide shot",
    "medium": "Medium shot",
    "close_up": "Close-up",
    "detail": "Extreme close-up of a detail",
    "over_shoulder": "Over-the-shoulder shot",
    "pov": "Point-of-view shot",
    "aerial": "Aerial shot",
}
ALIASES: Mapping[str, ShotType] = {
    "closeup": "close_up",
    "extreme_close_up": "detail",
    "establishing": "wide",
    "drone": "aerial",
    "point_of_view": "pov",
    "over_the_shoulder": "over_shoulder",
}
"""Names that models use in place of those they were given."""


class Idea(FrozenModel):
    """The idea of one shot. `camera` is None until it is known."""

    title: str
    description: str
    shot_type: ShotType = "medium"
    camera: str | None = None
    duration_ms: int = round(1000 * USUAL_SECONDS)

    @property
    def draft_prompt(self) -> str:
        """The visual prompt while only the description is known."""
        return sentence(self.description)

    @property
    def visual_prompt(self) -> str:
        """The whole prompt of the shot's picture. What the project's and scene's shots share is
        added when the picture is made.
        """
        parts = (self.description, FRAMINGS[self.shot_type], FINISH)
        return " ".join(sentence(part) for part in parts)


def read_idea(fields: Mapping[str, Any]) -> Idea | None:
    """Returns the idea in an object of a model's answer, None without a description.

    Only the requested fields are read, each within its bounds: an answer can't set anything else.
    """
    description = clean_line(fields.get("description"), DESCRIPTION_CHARS)
    if not description:
        return None
    title = clean_line(fields.get("title"), TITLE_CHARS) or _title_of(description)
    return Idea(
        title=title,
        description=description,
        shot_type=_shot_type(fields.get("shot_type")),
        camera=clean_line(fields.get("camera"), CAMERA_CHARS) or None,
        duration_ms=_duration_ms(fields.get("duration_seconds")),
    )


def clean_line(value: Any, most_chars: int) -> str:
    """Returns a text as one line of visible characters, cut at a word; empty if it isn't a text."""
    if not isinstance(value, str):
        return ""
    begin = value[: 4 * most_chars]
    visible = "".join(one for one in begin if one.isprintable() or one.isspace())
    line = " ".join(visible.split())
    if len(line) <= most_chars:
        return line
    kept, _, _ = line[:most_chars].rpartition(" ")
    return f"{(kept or line[: most_chars - 1]).rstrip(' ,;:')}…"


def sentence(text: str) -> str:
    """Returns the text with a full stop unless it ends a sentence."""
    return text if text.endswith((".", "!", "?", "…", '"')) else f"{text}."


def _title_of(description: str) -> str:
    words = description.split()
    return clean_line(" ".join(words[:TITLE_WORDS]).rstrip(".,;:"), TITLE_CHARS)


def _shot_type(value: Any) -> ShotType:
    name = "_".join(clean_line(value, 40).lower().replace("-", " ").split()).removesuffix("_shot")
    known: Mapping[str, ShotType] = {**{one: one for one in get_args(ShotType)}, **ALIASES}
    return known.get(name, "medium")


def _duration_ms(value: Any) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    seconds = value if is_number and value == value else USUAL_SECONDS  # noqa: PLR0124 - NaN
    return round(1000 * min(max(seconds, LEAST_SECONDS), MOST_SECONDS))
