"""Shots without a language model: seven views of any scene, for when a model gives none."""

import functools
import json
from pathlib import Path
from string import Template
from typing import Any

from showreel.storyboards.gen_shots.ideas import (
    DESCRIPTION_CHARS,
    TITLE_CHARS,
    Idea,
    clean_line,
    read_idea,
    sentence,
)
from showreel.storyboards.models import SceneRow

PLACE_CHARS, SCENE_CHARS = 80, 600
NOWHERE = "the scene"


def template_idea(scene: SceneRow, shot_number: int) -> Idea:
    """Returns the view of the scene for a shot's number; seven in a row differ."""
    views = _views()
    view = views[(shot_number - 1) % len(views)]
    place = clean_line(scene.location or scene.title, PLACE_CHARS) or NOWHERE
    words = {
        "place": place,
        "scene": sentence(clean_line(scene.description or scene.title, SCENE_CHARS) or place),
    }
    filled = {
        "title": _filled(view["title"], words, TITLE_CHARS),
        "description": _filled(view["description"], words, DESCRIPTION_CHARS),
    }
    idea = read_idea(view | filled)
    if idea is None:
        raise ValueError("a template without a description")
    return idea


def _filled(text: str, words: dict[str, str], most_chars: int) -> str:
    line = clean_line(Template(text).substitute(words), most_chars)
    return line[:1].upper() + line[1:]


@functools.cache
def _views() -> list[dict[str, Any]]:
    views: list[dict[str, Any]] = json.loads(
        Path(__file__).with_name("templates.json").read_text("utf-8")
    )
    return views
