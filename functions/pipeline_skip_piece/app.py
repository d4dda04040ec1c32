"""SkipPiece: one piece is given up, so that the rest goes on."""

from typing import Any

from showreel.films.pipeline.finish import skip_piece
from showreel.films.pipeline.steps import TokenTask
from showreel.films.pipeline.transitions import tell


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The Lambda entry point. The token tells which transition the iteration makes next."""
    task = TokenTask.model_validate(event)
    tell(task.token, skip_piece(task))
    return {}
