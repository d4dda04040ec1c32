"""SkipPiece: gives up one piece, so that the rest goes on."""

from typing import Any

from showreel.films.pipeline.finish import skip_piece
from showreel.films.pipeline.steps import SkipTask


def handler(event: dict[str, Any], _context: Any) -> None:
    """Handles an invocation. The answer to a clip's token decides how its iteration goes on."""
    skip_piece(SkipTask.model_validate(event))
