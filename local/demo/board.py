"""The progress of a run on the screen: a live block in a terminal, plain lines elsewhere."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TextIO

BAR_CELLS = 32
TRANSITION_LABEL = re.compile(r": (transition|crossfade|cut)$")
MARKS = {"waiting": "·", "done": "✓", "failed": "✗"}
PLAIN_MARKS = {"waiting": ".", "done": "#", "failed": "x"}


def bar(percent: float, cells: int = BAR_CELLS) -> str:
    """Returns a progress bar with eighths of a cell."""
    eighths = round(max(0.0, min(100.0, percent)) / 100 * cells * 8)
    full, rest = divmod(eighths, 8)
    part = " ▏▎▍▌▋▊▉"[rest] if full < cells else ""
    return ("█" * full + part.strip()).ljust(cells, "░")


class Rows(Protocol):
    """What is being made, piece by piece."""

    def note(self, progress: dict[str, Any]) -> None:
        """Notes the progress of a piece."""

    def lines(self) -> list[str]:
        """Returns what a board shows of them."""


@dataclass
class Pieces:
    """Which clips and transitions of a film are made, as the run's events report one by one."""

    clips: list[str]
    transitions: list[str]

    @classmethod
    def of(cls, count: int) -> "Pieces":
        """Returns a film of so many clips, nothing made yet."""
        return cls(["waiting"] * count, ["waiting"] * (count - 1))

    def note(self, progress: dict[str, Any]) -> None:
        """Counts the piece of an event: the label distinguishes a transition from a clip."""
        index, label = progress.get("clipIndex"), str(progress.get("label", ""))
        if progress.get("step") != "generating" or not index:
            return
        pieces = self.transitions if TRANSITION_LABEL.search(label) else self.clips
        if index <= len(pieces):
            pieces[index - 1] = "failed" if "could not be made" in label else "done"

    def lines(self) -> list[str]:
        """Returns what a board shows of them."""
        return [f"clips and transitions  {self.line()}"]

    def line(self, marks: dict[str, str] = MARKS) -> str:
        """Clips as marks, with transitions between them."""
        cells = []
        for clip, transition in zip(self.clips, [*self.transitions, None], strict=True):
            cells.append(f"[{marks[clip]}]")
            if transition:
                cells.append("─" if transition == "done" else " ")
        return "".join(cells)


@dataclass
class Board:
    """Draws a run. `clock` gives seconds."""

    out: TextIO
    title: str
    pieces: Rows
    live: bool
    clock: Callable[[], float] = time.monotonic
    _began: float = field(init=False)
    _drawn: int = field(init=False, default=0)
    _last: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self._began = self.clock()

    def show(self, run: dict[str, Any]) -> None:
        """Draws the run's newest state."""
        progress = run.get("progress") or {}
        self.pieces.note(progress)
        if self.live:
            self._redraw(self._block(run, progress))
        else:
            self._print(progress)

    def close(self) -> None:
        """Leaves what is drawn where it is."""
        self._drawn = 0
        self.out.flush()

    def _block(self, run: dict[str, Any], progress: dict[str, Any]) -> list[str]:
        percent, seconds = int(progress.get("progress", 0)), self.clock() - self._began
        label = str(progress.get("label", ""))
        if run.get("status") == "queued" and run.get("queuePosition"):
            label = f"{label} (place {run['queuePosition']})"
        return [
            f"  {self.title:<6} {bar(percent)} {percent:3d} %  {seconds:5.1f} s",
            *(f"         {line}" for line in self.pieces.lines()),
            f"         {label[:70]}",
        ]

    def _redraw(self, lines: list[str]) -> None:
        up = f"\x1b[{self._drawn}F" if self._drawn else ""
        self.out.write(up + "".join(f"\x1b[2K{line}\n" for line in lines))
        self.out.flush()
        self._drawn = len(lines)

    def _print(self, progress: dict[str, Any]) -> None:
        text = f"{int(progress.get('progress', 0)):3d} %  {progress.get('label', '')}"
        if text != self._last:
            self.out.write(f"  {self.title:<6} {self.clock() - self._began:6.1f} s  {text}\n")
            self.out.flush()
        self._last = text
