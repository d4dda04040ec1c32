"""SkipPiece: one piece is given up, so that the rest goes on."""

from typing import Any

from showreel.films.pipeline.finish import skip_piece
from showreel.films.pipeline.steps import PieceTask


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The Lambda entry point."""
    return skip_piece(PieceTask.model_validate(event)).model_dump()
