"""Finds the camera move that a motion prompt asks for."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum


class MoveKind(StrEnum):
    """What the camera does."""

    DOLLY_IN = "dolly_in"
    DOLLY_OUT = "dolly_out"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    TRACK_LEFT = "track_left"
    TRACK_RIGHT = "track_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"
    ORBIT_LEFT = "orbit_left"
    ORBIT_RIGHT = "orbit_right"


@dataclass(frozen=True)
class Move:
    """A camera move; `amount` (0-1) is the share of the canvas's reserve that it uses."""

    kind: MoveKind
    amount: float = 0.7


def move_from_prompt(prompt: str) -> Move:
    """Returns the move that a prompt asks for, by its first camera word, direction and speed.

    Without a camera word it is a gentle dolly in, which suits every picture.
    """
    text = prompt.lower()
    found = [(match.start(), name) for name, word in _WORDS.items() if (match := word.search(text))]
    if not found:
        return Move(MoveKind.DOLLY_IN, _amount(text, default=0.6))
    start, name = min(found)
    return Move(_directed(name, text, start), _amount(text, default=0.75))


_WORDS = {
    "orbit": re.compile(r"\b(orbit\w*|arc(s|ing)?|circl(e|es|ing)|revolv\w*|rotat\w*)\b"),
    "in": re.compile(r"\b(push\w*|zoom\w* in|mov\w* forward|glid\w* forward|approach\w*)\b"),
    "out": re.compile(r"\b(pull\w*|zoom\w* out|retreat\w*|reveal\w*|mov\w* back\w*)\b"),
    "dolly": re.compile(r"\b(dolly\w*|dollies|zoom\w*)\b"),
    "pan": re.compile(r"\b(pan(s|ning)?|sweep\w*)\b"),
    "track": re.compile(r"\b(track\w*|truck\w*|slid(e|es|ing)|lateral\w*|glid(e|es|ing))\b"),
    "tilt": re.compile(r"\b(tilt\w*|crane\w*|pedestal\w*|boom\w*|ris(e|es|ing))\b"),
}
_OUTWARD = re.compile(r"\b(out|back|backwards?|away)\b")
_LEFTWARD = re.compile(r"\b(left|leftwards?)\b")
_RIGHTWARD = re.compile(r"\b(right|rightwards?)\b")
_FROM_RIGHT = re.compile(r"\bright to left\b|\bfrom (the )?right\b")
_FROM_LEFT = re.compile(r"\bleft to right\b|\bfrom (the )?left\b")
_DOWNWARD = re.compile(r"\b(down|downwards?|lower\w*)\b")
_SPEEDS = (
    (re.compile(r"\b(fast|quick\w*|rapid\w*|dynamic|swift\w*)\b"), 1.0),
    (re.compile(r"\b(sweep\w*|wide|cinematic|dramatic)\b"), 0.9),
    (re.compile(r"\b(slow\w*|gentl[ey]|subtl[ey]|calm\w*|soft\w*|steady)\b"), 0.5),
)


def _amount(text: str, *, default: float) -> float:
    """Returns how far to move, by the first kind of speed word that occurs."""
    return next((amount for word, amount in _SPEEDS if word.search(text)), default)


def _directed(name: str, text: str, start: int) -> MoveKind:
    """Returns the kind of move for a camera word at `start`, with the direction named after it."""
    after = text[start : start + 80]
    if name in {"in", "out"}:
        return MoveKind.DOLLY_IN if name == "in" else MoveKind.DOLLY_OUT
    if name == "dolly":
        return MoveKind.DOLLY_OUT if _OUTWARD.search(after[:30]) else MoveKind.DOLLY_IN
    if name == "tilt":
        return MoveKind.TILT_DOWN if _DOWNWARD.search(after) else MoveKind.TILT_UP
    return MoveKind(f"{name}_{_side(after, text)}")


def _side(after: str, text: str) -> str:
    """Returns `left` or `right`; right if the text names neither."""
    if _FROM_LEFT.search(text):
        return "right"
    if _FROM_RIGHT.search(text):
        return "left"
    left, right = (
        next((m.start() for part in (after, text) if (m := word.search(part))), math.inf)
        for word in (_LEFTWARD, _RIGHTWARD)
    )
    return "left" if left < right else "right"
