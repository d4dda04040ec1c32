"""The events of the state machine's tasks. State carries ids, never payloads."""

from typing import Any

from pydantic import Field

from showreel.core.models import FrozenModel
from showreel.generation.steps.events import ID


class RunTask(FrozenModel):
    """A step of a run."""

    run_id: str = Field(min_length=1, pattern=ID)


class ReleaseTask(RunTask):
    """A run that can't go on. `error` is what the state machine caught."""

    error: dict[str, Any] | None = None

    @property
    def error_name(self) -> str:
        """The name of the error."""
        return str((self.error or {}).get("Error", "unknown"))
