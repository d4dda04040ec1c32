"""Who gets the sound itself, and what orders look like."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from showreel.singles.audio.responses import prefers_sound
from showreel.singles.audio.schemas import EffectOrder, MusicOrder, SpeechOrder


@pytest.mark.parametrize(
    ("accept", "wants"),
    [
        ("audio/mpeg", True),
        ("Audio/MPEG; q=0.5", True),
        ("audio/*", True),
        ("text/html, audio/mpeg;q=0.9, */*;q=0.1", True),
        ("audio/mpeg, application/json;q=0.5", True),
        ("audio/mpeg;q=0.5, application/json", False),
        ("audio/mpeg, application/json", False),
        ("audio/mpeg;q=0", False),
        ("application/octet-stream", True),
        ("audio/ogg", False),
        ("application/json", False),
        ("*/*", False),
        ("", False),
        (";;,,;q=", False),
        ("audio/mpeg;q=٣", True),
        ("x" * 10_000 + ", audio/mpeg", False),
    ],
)
def test_a_player_gets_the_sound_and_everybody_else_json(accept: str, wants: bool) -> None:
    assert prefers_sound(accept) is wants


def parsed[T](kind: type[T], body: Any) -> T:
    return TypeAdapter(kind).validate_python(body)


def test_only_the_models_own_fields_reach_its_form() -> None:
    sent = {
        "text": " Hello\r\nthere ",
        "voiceId": "abc",
        "workspaceId": "w",
        "project_id": "p",
        "user_id": "u",
        "speed": None,
        "credits": 0,
    }
    order = parsed(SpeechOrder, sent)
    assert order.inputs == {"text": "Hello\nthere", "voiceId": "abc"}
    assert (order.workspace_id, order.project_id) == ("w", "p")


def test_lengths_have_the_documented_defaults() -> None:
    assert parsed(EffectOrder, {"prompt": "x"}).inputs == {"prompt": "x", "duration": 5}
    assert parsed(MusicOrder, {"prompt": "x", "duration": None}).inputs["duration"] == 30


@pytest.mark.parametrize("text", ["", " ", "\u202eabc", "\x07", "a" * 40_001, 5, None, ["a"]])
def test_what_nobody_can_say_is_refused(text: Any) -> None:
    with pytest.raises(ValidationError):
        parsed(SpeechOrder, {"text": text})


@pytest.mark.parametrize("duration", [float("nan"), float("inf"), -1, 0, 2.99, 600.1, "30", True])
def test_what_is_no_length_is_refused(duration: Any) -> None:
    with pytest.raises(ValidationError):
        parsed(MusicOrder, {"prompt": "x", "duration": duration})
