"""Rooms and templates: complete, in tour order, with prompts worth sending."""

import re

import pytest

from showreel.films.projects.rooms import MOTION_PROMPTS, TOUR_ORDER, RoomType
from showreel.films.projects.templates import TEMPLATES, room_at

IN_TOUR_ORDER = (
    "exterior hallway living-room kitchen dining-room tv-room bedroom childrens-room bathroom "
    "toilet walk-in-closet laundry-room office library gym sauna pool-area hobby-room pantry "
    "storage-room utility-room conservatory garage terrace garden landscape other"
).split()


def test_the_27_rooms_come_in_tour_order() -> None:
    assert [room.value for room in RoomType] == IN_TOUR_ORDER
    assert sorted(TOUR_ORDER.values()) == list(range(27))
    assert set(MOTION_PROMPTS) == set(RoomType)


@pytest.mark.parametrize("room", RoomType)
def test_a_default_prompt_is_one_steady_move_at_a_speed(room: RoomType) -> None:
    prompt = MOTION_PROMPTS[room]
    assert 80 <= len(prompt) <= 400
    assert re.search(r"\b(dolly|push|pan|track|pull|sweep)", prompt, re.IGNORECASE)
    assert re.search(r"\b(slow|gentle)", prompt, re.IGNORECASE)
    assert "steady" in prompt
    assert "  " not in prompt


def test_no_two_rooms_share_a_prompt_or_a_label() -> None:
    assert len(set(MOTION_PROMPTS.values())) == 27
    assert len({room.label for room in RoomType}) == 27


def test_labels_are_spelt_for_people() -> None:
    assert RoomType.LIVING_ROOM.label == "Living room"
    assert RoomType.TV_ROOM.label == "TV room"


def test_the_five_templates_have_the_documented_rooms() -> None:
    assert {template.id: [str(room) for room in template.rooms] for template in TEMPLATES} == {
        "classic-tour": [
            *["exterior", "hallway", "living-room", "kitchen"],
            *["dining-room", "bedroom", "bathroom", "terrace"],
        ],
        "highlight-reel": ["exterior", "living-room", "kitchen", "bedroom"],
        "room-tour": ["other"] * 3,
        "exterior-special": ["exterior", "garden", "exterior"],
        "social-teaser": ["living-room", "exterior"],
    }


def test_past_a_templates_end_and_without_one_a_room_is_other() -> None:
    assert room_at("social-teaser", 1) is RoomType.EXTERIOR
    assert room_at("social-teaser", 2) is RoomType.OTHER
    assert room_at(None, 0) is RoomType.OTHER
