"""Checks whether a medium of a shot can be made now, and gives the reason if not."""

from typing import Literal

from showreel.storyboards.generations.prompts import speech, subject
from showreel.storyboards.models import Medium, ShotRow

SkipReason = Literal[
    "already_completed", "in_progress", "missing_prompt", "missing_image", "missing_text"
]


def why_not(shot: ShotRow, medium: Medium, *, is_again: bool = False) -> SkipReason | None:
    """Returns why the medium can't be made, None if it can. `is_again` makes another version."""
    state = shot.medium(medium)
    if state.status == "generating":
        return "in_progress"
    if state.status == "completed" and not is_again:
        return "already_completed"
    if medium == "audio":
        return None if speech(shot) else "missing_text"
    if not subject(shot):
        return "missing_prompt"
    return "missing_image" if medium == "video" and shot.image.key is None else None
