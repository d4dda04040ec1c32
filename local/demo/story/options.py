"""What `make demo STORY=…` is asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.demo.options import RATIOS, RESOLUTIONS, UsageError, choice, given_in, number

DEFAULT_IDEA = (
    "By lantern, in a storm, the keeper of a lighthouse and her dog row out of the harbour to aid"
    " a ferry."
)
MAX_SHOTS = 12
SHOTS_IN_A_SCENE = 3
MOST_CHARACTERS = 500
CAPTIONS = {"burned": "both", "sidecar": "sidecar", "none": "none"}
"""The setting of an export by what was asked for: files lie beside burnt captions too."""
QUALITIES = ("draft", "standard", "high")
MADE_MUSIC = "made"
OF_FILMS = ("PHOTOS", "CLIPS", "MODEL", "NATIVE_AUDIO", "DRAFT")
OF_STORIES = ("SHOTS", "CAPTIONS", "QUALITY")


@dataclass(frozen=True)
class StoryOptions:
    """A story's options. `music` is a track's id, `made` for music of its own, None for none."""

    idea: str = DEFAULT_IDEA
    shots: int = 6
    ratio: str = "16:9"
    resolution: str = "720p"
    quality: str = "standard"
    captions: str = CAPTIONS["burned"]
    music: str | None = MADE_MUSIC
    out: Path = Path("out")

    @property
    def scenes(self) -> list[int]:
        """Returns how many shots each scene has."""
        count = -(-self.shots // SHOTS_IN_A_SCENE)
        return [self.shots // count + (place < self.shots % count) for place in range(count)]


def is_story(environment: Mapping[str, str]) -> bool:
    """Returns whether a story is asked for. Raises UsageError for what only a story has."""
    given = given_in(environment)
    if "STORY" in given:
        return True
    for name in OF_STORIES:
        if name in given:
            raise UsageError(f"{name} is for stories: make demo STORY=1 {name}={given[name]}")
    return False


def from_environment(environment: Mapping[str, str]) -> StoryOptions:
    """Reads the variables; an empty one counts as not given. Raises UsageError."""
    given = given_in(environment)
    for name in OF_FILMS:
        if name in given:
            raise UsageError(f"{name} is for films of photos: it goes without STORY")
    music = given.get("MUSIC", MADE_MUSIC)
    return StoryOptions(
        idea=_idea(given["STORY"]),
        shots=number(given, "SHOTS", MAX_SHOTS) or StoryOptions.shots,
        ratio=choice(given, "RATIO", RATIOS, "16:9"),
        resolution=choice(given, "RESOLUTION", RESOLUTIONS, "720p"),
        quality=choice(given, "QUALITY", QUALITIES, "standard"),
        captions=CAPTIONS[choice(given, "CAPTIONS", tuple(CAPTIONS), "burned")],
        music=None if music == "none" else music,
        out=Path(given.get("OUT", "out")).expanduser(),
    )


def _idea(text: str) -> str:
    if text.lower() in {"1", "yes", "true"}:
        return DEFAULT_IDEA
    line = " ".join(text.split())
    if not re.search(r"\w\W+\w", line) or len(line) > MOST_CHARACTERS:
        raise UsageError(
            f"STORY must be 1 or a sentence of at most {MOST_CHARACTERS} characters, not"
            f" {line[:40]!r}"
        )
    return line
