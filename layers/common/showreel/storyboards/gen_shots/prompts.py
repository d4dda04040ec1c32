"""Makes the language model's prompt: rules from a file, and users' texts as one JSON document.

No user's text gets into the rules or can leave its place in the document. All is bounded, so that a
prompt fits any model of the catalogue.
"""

import functools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from showreel.providers.text import Message
from showreel.storyboards.gen_shots.ideas import clean_line
from showreel.storyboards.models import SceneRow, StoryboardRow

FIELD_CHARS, LONG_CHARS, IDEA_CHARS = 200, 2000, 120
MAX_CHARACTERS, MAX_IDEAS = 8, 30
LONG_FIELDS = frozenset({"concept", "description"})
PROJECT_FIELDS = ("title", "format", "genre", "tone", "concept", "video_style", "aspect_ratio")
SCENE_FIELDS = ("title", "description", "location", "lighting", "weather", "voiceover")


@dataclass(frozen=True)
class Material:
    """What the shots are about. `ideas` are those of existing shots, in order."""

    project: StoryboardRow
    scene: SceneRow
    ideas: Sequence[str] = ()


def messages(material: Material, wanted: int) -> tuple[Message, ...]:
    """Returns the messages that ask for so many new shots."""
    shots = "1 shot" if wanted == 1 else f"{wanted} shots"
    document = json.dumps(_document(material), ensure_ascii=False, indent=1)
    return (
        Message("system", rules()),
        Message("user", f"Write {shots} for the scene in this document.\n\n{document}"),
    )


@functools.cache
def rules() -> str:
    """Returns the rules, which are the same for every request."""
    return Path(__file__).with_name("rules.txt").read_text("utf-8").strip()


def _document(material: Material) -> dict[str, Any]:
    people = islice(material.project.characters, MAX_CHARACTERS)
    characters = [_fields(person, ("name", "description"), long=()) for person in people]
    latest = material.ideas[-MAX_IDEAS:]
    return {
        "project": _fields(material.project, PROJECT_FIELDS) | {"characters": characters},
        "scene": _fields(material.scene, SCENE_FIELDS),
        "ideas": [line for idea in latest if (line := clean_line(idea, IDEA_CHARS))],
    }


def _fields(
    row: object, names: Iterable[str], *, long: Iterable[str] = LONG_FIELDS
) -> dict[str, str]:
    """Returns these attributes, each as one bounded line."""
    most = {name: LONG_CHARS if name in long else FIELD_CHARS for name in names}
    lines = {name: clean_line(getattr(row, name), most[name]) for name in most}
    return {name: line for name, line in lines.items() if line}
