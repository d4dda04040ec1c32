"""SkipPiece: one piece is given up, so that the rest goes on."""

from typing import Any

from showreel.films.pipeline.finish import skip_piece
from showreel.films.pipeline.joints import tell
from showreel.films.pipeline.steps import TokenTask


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The Lambda entry point. The token tells which joint the iteration makes next."""
    task = TokenTask.model_validate(event)
    tell(task.token, skip_piece(task))
    return {}
