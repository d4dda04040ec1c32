"""The events of a state machine's tasks that any kind of run has."""

from typing import Any

from pydantic import Field

from showreel.core.ids import ID_PATTERN
from showreel.core.models import FrozenModel


class RunTask(FrozenModel):
    """A step of a whole run."""

    run_id: str = Field(min_length=1, pattern=ID_PATTERN)


class ReleaseTask(RunTask):
    """A run that can't go on. `error` is what the state machine caught."""

    error: dict[str, Any] | None = None

    @property
    def error_name(self) -> str:
        """The name of the error."""
        return str((self.error or {}).get("Error", "unknown"))
