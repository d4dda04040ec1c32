"""What `make demo` is asked for, by variables in the style of make: CLIPS=10 RATIO=9:16."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MAX_CLIPS = 20
RATIOS = ("16:9", "9:16", "1:1")
RESOLUTIONS = ("720p", "1080p")
BUILTIN_MODEL = "showreel/camera-motion"
DEFAULT_MUSIC = "morning-light"


class UsageError(Exception):
    """The demo was asked for something it can't do; the message is one line for a person."""


@dataclass(frozen=True)
class Options:
    """A film to make. `clips` is None for "as many as there are pictures"."""

    photos: Path | None = None
    clips: int | None = None
    ratio: str = "16:9"
    resolution: str = "720p"
    model: str | None = None
    music: str | None = DEFAULT_MUSIC
    native_audio: bool = False
    makes_draft: bool = True
    makes_film: bool = True
    out: Path = Path("out")


def from_environment(environment: Mapping[str, str]) -> Options:
    """Reads the variables; an empty one counts as not given. Raises UsageError."""
    given = given_in(environment)
    model = given.get("MODEL")
    draft = choice(given, "DRAFT", ("yes", "no", "only"), "yes")
    music = given.get("MUSIC", DEFAULT_MUSIC)
    return Options(
        photos=Path(given["PHOTOS"]).expanduser() if "PHOTOS" in given else None,
        clips=number(given, "CLIPS", MAX_CLIPS),
        ratio=choice(given, "RATIO", RATIOS, "16:9"),
        resolution=choice(given, "RESOLUTION", RESOLUTIONS, "720p"),
        model=model,
        music=None if music == "none" else music,
        native_audio=_flag(given, "NATIVE_AUDIO"),
        makes_draft=draft == "only" or (draft == "yes" and model != BUILTIN_MODEL),
        makes_film=draft != "only",
        out=Path(given.get("OUT", "out")).expanduser(),
    )


def given_in(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables that have a value."""
    return {name: value.strip() for name, value in environment.items() if value.strip()}


def number(given: Mapping[str, str], name: str, most: int) -> int | None:
    """Returns a number from 1 on, None if it isn't given. Raises UsageError."""
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise UsageError(f"{name} must be a number from 1 to {most}, not {text!r}")
    return int(text)


def choice(given: Mapping[str, str], name: str, choices: tuple[str, ...], default: str) -> str:
    """Returns one of the choices. Raises UsageError."""
    value = given.get(name, default)
    if value not in choices:
        raise UsageError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def _flag(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "no").lower()
    if value not in {"1", "0", "yes", "no", "true", "false"}:
        raise UsageError(f"{name} must be yes or no, not {value!r}")
    return value in {"1", "yes", "true"}
