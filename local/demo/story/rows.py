"""The shots of a story on the board: what each is called, and what of it is made."""

from dataclasses import dataclass, field
from typing import Any

from local.demo.board import MARKS

MEDIA = {"images": "picture", "videos": "video", "audio": "voice"}
TITLE_CELLS = 34


@dataclass
class Row:
    """A shot. `phase` is how far its text is, until it is ready."""

    title: str = ""
    phase: str = "creating"
    made: dict[str, str] = field(default_factory=lambda: dict.fromkeys(MEDIA, "waiting"))


@dataclass
class ShotRows:
    """A row for each shot, in the order in which they were written."""

    rows: dict[str, Row] = field(default_factory=dict)

    def note(self, progress: dict[str, Any]) -> None:
        """Notes the progress of a shot: its text, or one of its media."""
        shot_id = progress.get("shotId")
        if shot_id is None:
            return
        row = self.rows.setdefault(shot_id, Row())
        row.title = progress.get("title") or row.title
        row.phase = progress.get("phase") or row.phase
        if "medium" in progress:
            row.made[progress["medium"]] = progress["mark"]

    def number(self, shot_id: str) -> int:
        """Returns which shot of the film it is, from 1."""
        return [*self.rows].index(shot_id) + 1

    def lines(self) -> list[str]:
        """Returns a line for each shot."""
        return [_line(number, row) for number, row in enumerate(self.rows.values(), 1)]


def _line(number: int, row: Row) -> str:
    title = f"{number:2d}  {row.title or '…':<{TITLE_CELLS}.{TITLE_CELLS}}"
    if row.phase != "ready":
        return f"{title}  {row.phase} …"
    return f"{title}  " + "  ".join(f"{MARKS[row.made[one]]} {MEDIA[one]}" for one in MEDIA)
