"""Bodies: every class of nonsense is refused with the field's name, nothing unknown is kept."""

from typing import Any

import pytest
from pydantic import ValidationError

from showreel.core.errors import InvalidInput
from showreel.films.projects.schemas import (
    ClipChange,
    ClipOrder,
    NewClip,
    NewProject,
    ProjectChange,
)
from showreel.music.library import NewMusicTrack

PROJECT: dict[str, Any] = {"name": "Home", "workspaceId": "workspace-1"}
CLIP: dict[str, Any] = {"sourceImageUrl": "https://example.com/a.jpg"}
HIDDEN = ["a\x00b", "a\x1bb", "a\u202eb", "a\u2066b", "a\u2028b", "\ud800", "   ", ""]


def test_defaults_are_the_documented_ones() -> None:
    project = NewProject.model_validate(PROJECT)
    assert (project.aspect_ratio, project.resolution, project.music_volume) == ("16:9", "1080p", 50)
    assert (project.generate_native_audio, project.model) == (False, "kling-v2.6-pro")
    clip = NewClip.model_validate(CLIP)
    assert (clip.transition_type, clip.duration_seconds) == ("seamless", 5)


@pytest.mark.parametrize(
    "fields",
    [
        *({"name": text} for text in HIDDEN),
        {"name": None},
        {"name": 7},
        {"name": "x" * 201},
        {"name": "two\nlines"},
        {"workspaceId": ""},
        {"workspaceId": "../other"},
        {"workspaceId": ["workspace-1"]},
        {"aspectRatio": "4:3"},
        {"aspectRatio": "16:9 "},
        {"resolution": "4k"},
        {"musicVolume": -1},
        {"musicVolume": 101},
        {"musicVolume": "50"},
        {"musicVolume": 1e309},
        {"musicVolume": 49.5},
        {"musicVolume": True},
        {"generateNativeAudio": "true"},
        {"generateNativeAudio": 1},
        {"model": ""},
        {"model": "x" * 121},
        {"description": "x" * 2001},
        {"title": "x" * 81},
        {"title": "a\nb"},
        {"logoUrl": "x" * 2049},
        {"clips": [CLIP] * 101},
        {"clips": {"0": CLIP}},
        {"clips": [{}]},
        {"clips": [None]},
        {"arrange": "yes"},
    ],
)
def test_a_bad_project_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewProject.model_validate(PROJECT | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"sourceImageUrl": ""},
        {"sourceImageUrl": None},
        {"sourceImageUrl": "x" * 2049},
        {"roomType": "ballroom"},
        {"roomType": "Kitchen"},
        {"roomType": 3},
        {"roomLabel": "x" * 81},
        *({"roomLabel": text} for text in HIDDEN),
        *({"motionPrompt": text} for text in HIDDEN),
        {"motionPrompt": "x" * 2501},
        {"transitionType": "wipe"},
        {"transitionType": None},
        {"durationSeconds": 7},
        {"durationSeconds": "5"},
        {"durationSeconds": -5},
        {"durationSeconds": None},
    ],
)
def test_a_bad_clip_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewClip.model_validate(CLIP | fields)


@pytest.mark.parametrize("body", [[], "x", None, 3, {"clipIds": "a"}, {"clipIds": ["a"] * 101}])
def test_a_bad_order_is_refused(body: Any) -> None:
    with pytest.raises(ValidationError):
        ClipOrder.model_validate(body)


def test_fields_of_ours_are_not_taken_from_a_body() -> None:
    body = PROJECT | {"status": "completed", "actualCost": 0, "version": 9, "finalVideoUrl": "x"}
    assert NewProject.model_validate(body) == NewProject.model_validate(PROJECT)
    assert ClipChange.model_validate({"status": "completed", "sourceKey": "x"}).given() == set()


def test_a_prompt_may_have_lines_and_a_name_is_trimmed() -> None:
    clip = NewClip.model_validate(CLIP | {"motionPrompt": " Push in.\r\nSlowly. "})
    assert clip.motion_prompt == "Push in.\nSlowly."
    assert NewProject.model_validate(PROJECT | {"name": "  Home  "}).name == "Home"
    assert NewMusicTrack.model_validate({**PROJECT, "url": "https://example.com/a.mp3"})


@pytest.mark.parametrize("body", [{"sourceImageUrl": None}, {"roomType": None}])
def test_a_clip_always_has_an_image_and_a_room(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        ClipChange.model_validate(body).require_meaning()


def test_a_project_always_has_a_name() -> None:
    with pytest.raises(InvalidInput):
        ProjectChange.model_validate({"name": None}).require_meaning()
