"""How long each step of a run took, from the times its events arrived."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

STEPS = ("queued", "starting", "generating", "compiling", "uploading")


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
        """Seconds spent in each step that was seen, in order."""
        seen = [(step, self.first_seen[step]) for step in STEPS if step in self.first_seen]
        end = self.ended if self.ended is not None else self.clock()
        following = [at for _, at in seen[1:]] + [end]
        return {step: after - at for (step, at), after in zip(seen, following, strict=True)}

    def after_last_piece(self) -> float | None:
        """Seconds from the last clip or joint to the finished film."""
        if self.last_piece is None or self.ended is None:
            return None
        return self.ended - self.last_piece
