"""How long each step of a run took, from the times its events arrived."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Stopwatch:
    """Notes when a run's states arrive. `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    first_seen: dict[str, float] = field(default_factory=dict)
    last_piece: float | None = None
    ended: float | None = None

    def note(self, run: dict[str, Any]) -> None:
        """Takes down one state."""
        now = self.clock()
        progress = run.get("progress") or {}
        self.first_seen.setdefault(str(progress.get("step", "queued")), now)
        if progress.get("step") == "generating" and progress.get("clipIndex"):
            self.last_piece = now
        if run.get("finishedAt"):
            self.ended = now

    def seconds_per_step(self) -> dict[str, float]:
        """Returns seconds of each step that was seen, in order: pieces are generated from the start
        on.
        """
        seen = self.first_seen
        begins = {
            "queued": seen.get("queued"),
            "generating": seen.get("starting", seen.get("generating")),
            "compiling": self.last_piece,
            "uploading": seen.get("uploading"),
        }
        marks = [(step, at) for step, at in begins.items() if at is not None]
        end = self.ended if self.ended is not None else self.clock()
        following = [at for _, at in marks[1:]] + [end]
        return {step: after - at for (step, at), after in zip(marks, following, strict=True)}

    def after_last_piece(self) -> float | None:
        """Seconds from the last clip or transition to the finished film."""
        if self.last_piece is None or self.ended is None:
            return None
        return self.ended - self.last_piece
