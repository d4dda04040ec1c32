"""SkipPiece: one piece is given up, so that the rest goes on."""

from typing import Any

from showreel.films.pipeline.finish import skip_piece
from showreel.films.pipeline.steps import SkipTask


def handler(event: dict[str, Any], _context: Any) -> None:
    """Handles an invocation. The token tells how the iteration of a clip goes on."""
    skip_piece(SkipTask.model_validate(event))
