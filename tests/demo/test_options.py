"""What the demo can be asked for."""

from pathlib import Path

import pytest

from local.demo.options import Options, UsageError, from_environment


def test_nothing_asked_gives_a_draft_and_a_film_of_the_sample_rooms() -> None:
    empty = dict.fromkeys(("PHOTOS", "CLIPS", "RATIO", "MODEL", "MUSIC", "DRAFT", "OUT"), "")
    assert from_environment(empty) == Options()


def test_every_variable_is_understood() -> None:
    options = from_environment(
        {
            "PHOTOS": "stills",
            "CLIPS": "10",
            "RATIO": "9:16",
            "RESOLUTION": "1080p",
            "MODEL": "kling-v3.0",
            "MUSIC": "skyline",
            "NATIVE_AUDIO": "1",
            "DRAFT": "no",
            "OUT": "films",
        }
    )
    assert options == Options(
        photos=Path("stills"),
        clips=10,
        ratio="9:16",
        resolution="1080p",
        model="kling-v3.0",
        music="skyline",
        native_audio=True,
        makes_draft=False,
        out=Path("films"),
    )


def test_a_draft_only() -> None:
    options = from_environment({"DRAFT": "only"})
    assert (options.makes_draft, options.makes_film) == (True, False)


def test_the_builtin_model_needs_no_draft_of_itself() -> None:
    options = from_environment({"MODEL": "showreel/camera-motion"})
    assert (options.makes_draft, options.makes_film) == (False, True)


def test_no_music() -> None:
    assert from_environment({"MUSIC": "none"}).music is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLIPS", "0"),
        ("CLIPS", "21"),
        ("CLIPS", "ten"),
        ("CLIPS", "-1"),
        ("CLIPS", "²"),
        ("RATIO", "4:3"),
        ("RESOLUTION", "8k"),
        ("DRAFT", "maybe"),
        ("NATIVE_AUDIO", "loud"),
    ],
)
def test_bad_values_are_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        from_environment({name: value})
    message = str(caught.value)
    assert name in message
    assert value in message
    assert "\n" not in message
