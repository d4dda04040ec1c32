"""What a story can be asked for."""

from pathlib import Path

import pytest

from local.demo.options import UsageError
from local.demo.story.options import DEFAULT_IDEA, StoryOptions, from_environment, is_story


def test_one_gives_the_sample_idea_in_two_scenes() -> None:
    names = ("SHOTS", "RATIO", "RESOLUTION", "QUALITY", "CAPTIONS", "MUSIC", "OUT")
    options = from_environment({"STORY": "1"} | dict.fromkeys(names, ""))
    assert options == StoryOptions()
    assert options.idea == DEFAULT_IDEA
    assert options.scenes == [3, 3]


def test_every_variable_is_understood() -> None:
    asked = {
        "STORY": " A fox's  first\nsnow ",
        "SHOTS": "7",
        "RATIO": "9:16",
        "RESOLUTION": "1080p",
        "QUALITY": "draft",
        "CAPTIONS": "sidecar",
        "MUSIC": "skyline",
        "OUT": "films",
    }
    options = from_environment(asked)
    assert options == StoryOptions(
        idea="A fox's first snow",
        shots=7,
        ratio="9:16",
        resolution="1080p",
        quality="draft",
        captions="sidecar",
        music="skyline",
        out=Path("films"),
    )
    assert options.scenes == [3, 2, 2]


def test_burnt_captions_come_with_files_and_music_may_be_left_out() -> None:
    options = from_environment({"STORY": "1", "CAPTIONS": "burned", "MUSIC": "none"})
    assert (options.captions, options.music) == ("both", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STORY", "2"),
        ("STORY", "lighthouse"),
        ("STORY", "A fox. " * 100),
        ("SHOTS", "13"),
        ("SHOTS", "0"),
        ("CAPTIONS", "both"),
        ("QUALITY", "best"),
        ("RATIO", "4:3"),
        ("PHOTOS", "stills"),
        ("CLIPS", "3"),
        ("DRAFT", "only"),
    ],
)
def test_bad_values_are_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_environment({"STORY": "1"} | {name: value})
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_film_of_photos_has_no_shots_or_captions() -> None:
    assert not is_story({"STORY": "", "CLIPS": "3"})
    for name in ("SHOTS", "CAPTIONS", "QUALITY"):
        with pytest.raises(UsageError, match=name):
            is_story({name: "3"})
