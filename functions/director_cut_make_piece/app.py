"""MakePiece: brings a clip and its transitions to the export's format."""

from typing import Any

from showreel.cuts.steps.events import ClipTask
from showreel.cuts.steps.make_piece import make_piece


def handler(event: dict[str, Any], _context: Any) -> None:
    """Handles an invocation."""
    make_piece(ClipTask.model_validate(event))
