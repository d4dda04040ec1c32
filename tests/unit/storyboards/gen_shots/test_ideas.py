"""What becomes of a model's words: only the fields of a shot, clean and bounded."""

from typing import Any, get_args

import pytest

from showreel.storyboards.gen_shots.ideas import (
    DESCRIPTION_CHARS,
    TITLE_CHARS,
    Idea,
    read_idea,
)
from showreel.storyboards.gen_shots.templates import template_idea
from showreel.storyboards.models import ShotType
from tests.unit.storyboards.gen_shots.support import scene

TOLD = {"title": "Fog", "shot_type": "wide", "description": "Fog rolls in", "camera": "slow pan"}


def idea(**told: Any) -> Idea:
    found = read_idea(TOLD | told)
    assert found is not None
    return found


def test_other_fields_than_a_shots_words_are_not_taken() -> None:
    told = {"id": "x", "status": "ready", "image": {"key": "uploads/x"}, "project_id": "other"}
    assert idea(**told) == idea()


@pytest.mark.parametrize(
    ("said", "shot_type"),
    [
        ("Close-Up", "close_up"),
        ("WIDE SHOT", "wide"),
        ("over the shoulder", "over_shoulder"),
        ("extreme close up", "detail"),
        ("dutch angle", "medium"),
        (None, "medium"),
        (["wide"], "medium"),
    ],
)
def test_every_shot_has_one_of_the_seven_types(said: Any, shot_type: str) -> None:
    assert idea(shot_type=said).shot_type == shot_type


@pytest.mark.parametrize(
    ("said", "milliseconds"),
    [
        (4, 4000),
        (2.5, 2500),
        (0, 1000),
        (-3, 1000),
        (1e300, 15_000),
        (float("nan"), 5000),
        ("4", 5000),
        (True, 5000),
        (None, 5000),
    ],
)
def test_lengths_are_possible_ones(said: Any, milliseconds: int) -> None:
    assert idea(duration_seconds=said).duration_ms == milliseconds


def test_texts_are_visible_lines_within_their_bounds() -> None:
    made = idea(title="A\nB\u202e\u0000  C", description="word " * 1000)
    assert made.title == "A B C"
    assert len(made.description) <= DESCRIPTION_CHARS
    assert made.description.endswith("word…")
    assert len(idea(title="x" * 1000).title) <= TITLE_CHARS


def test_without_a_title_the_description_gives_one() -> None:
    long = "The keeper walks slowly down to the empty pier."
    assert idea(title=None, description=long).title == "The keeper walks slowly down to"


@pytest.mark.parametrize("said", [None, "", " \n", 5, {}])
def test_a_shot_without_a_description_is_none(said: Any) -> None:
    assert read_idea(TOLD | {"description": said}) is None


def test_the_visual_prompt_begins_with_the_draft_and_has_the_framing() -> None:
    made = idea()
    assert made.draft_prompt == "Fog rolls in."
    finish = "Cinematic lighting, professional framing, filmic detail."
    assert made.visual_prompt == f"Fog rolls in. Wide shot. {finish}"


def test_seven_templates_in_a_row_are_seven_views_of_the_scene() -> None:
    made = [template_idea(scene(), number) for number in range(4, 11)]
    assert {one.shot_type for one in made} == set(get_args(ShotType))
    assert len({one.title for one in made}) == 7
    assert all("Ada stands at the end of the pier" in one.description for one in made)
    assert template_idea(scene(), 8) == template_idea(scene(), 1)


def test_a_scene_that_says_nothing_has_templates_too() -> None:
    empty = scene(title=None, description=None, location=None)
    assert template_idea(empty, 1).title == "Establishing the scene"
    odd = scene(location="$place ${x} {y} %s", description="costs $100")
    assert "$place ${x} {y} %s" in template_idea(odd, 1).description
