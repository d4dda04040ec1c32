"""CompileCut: joins the pieces and the sound to one film."""

from typing import Any

from showreel.cuts.steps.compile_cut import compile_cut
from showreel.runs.tasks import RunTask


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Handles an invocation."""
    return compile_cut(RunTask.model_validate(event).run_id).model_dump()
