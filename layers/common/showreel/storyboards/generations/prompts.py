"""Makes the prompts of a shot's media.

The project's style, tone and characters are in each, so that the shots of a film look alike.
Authors' texts are data: each has its own labelled line, without line breaks and bounded, so that it
can't pass for a line of ours or push others out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from showreel.storyboards.models import ShotInProject, ShotRow, ShotType

SUBJECT_SHARE = 0.6
"""The share of a prompt that the shot's own text may take if the other lines need the rest."""
FRAMING: dict[ShotType, str] = {
    "wide": "wide shot",
    "medium": "medium shot",
    "close_up": "close-up",
    "detail": "detail shot",
    "over_shoulder": "over-the-shoulder shot",
    "pov": "point-of-view shot",
    "aerial": "aerial shot",
}
STEADY = "slow and steady"
"""The camera move of a shot that names none."""
ALIKE = "Keep look, palette and characters the same as in the other shots of this film."


@dataclass(frozen=True)
class Line:
    """A labelled text of a prompt, and the most characters of it."""

    label: str
    text: str | None
    most: int


def subject(shot: ShotRow) -> str | None:
    """Returns the text that says what is seen, None if the shot has none."""
    return shot.visual_prompt or shot.prompt_idea or shot.description


def image_prompt(found: ShotInProject, most_chars: int) -> str:
    """Returns the prompt of the shot's picture."""
    framing = FRAMING[found.shot.shot_type] if found.shot.shot_type else None
    return _composed(found.shot, [Line("Framing", framing, 40), *_look(found)], most_chars)


def video_prompt(found: ShotInProject, most_chars: int) -> str:
    """Returns the prompt of the video that begins with the shot's picture."""
    shot = found.shot
    moves = [
        Line("Camera", shot.camera_movement or STEADY, 200),
        Line("Sound", shot.sound_effects, 200),
    ]
    return _composed(shot, [*moves, *_look(found)], most_chars)


def speech(shot: ShotRow) -> str | None:
    """Returns the text of the voice-over: the dialogue, word for word."""
    return shot.dialogue


def _look(found: ShotInProject) -> list[Line]:
    """Returns the lines that make all shots look alike, the most important first."""
    project, scene = found.project, found.scene
    people = (
        f"{one.name} ({one.description})" if one.description else one.name
        for one in project.characters
    )
    setting = (scene.location, scene.lighting, scene.weather)
    return [
        Line("Style", project.video_style, 400),
        Line("Characters", "; ".join(people), 600),
        Line("Setting", ", ".join(part for part in setting if part), 400),
        Line("Tone", project.tone, 80),
        Line("Genre", project.genre, 80),
    ]


def _composed(shot: ShotRow, lines: Iterable[Line], most_chars: int) -> str:
    """Returns the shot's text and the lines that have a text, in at most `most_chars` characters.
    The shot's text is cut, and lines without room are left out.
    """
    texts = [f"{line.label}: {cut(line.text, line.most)}" for line in lines if line.text]
    rest = "\n".join([*texts, ALIKE])
    room = max(int(most_chars * SUBJECT_SHARE), most_chars - len(rest) - 1)
    composed = cut(subject(shot) or "", room)
    for text in (*texts, ALIKE):
        if len(composed) + 1 + len(text) <= most_chars:
            composed = f"{composed}\n{text}"
    return composed


def cut(text: str, most: int) -> str:
    """Returns a text as one line of at most `most` characters, cut between words if possible."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    words = line[: most + 1].rsplit(" ", 1)[0]
    return words if len(words) <= most else line[:most]
