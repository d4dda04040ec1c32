"""Events of state machines' tasks that all kinds of runs share."""

from typing import Any

from pydantic import Field

from showreel.core.ids import ID_PATTERN
from showreel.core.models import FrozenModel


class RunTask(FrozenModel):
    """The event of a step of a run."""

    run_id: str = Field(min_length=1, pattern=ID_PATTERN)


class EndTask(RunTask):
    """The end of a run. `error` is what the state machine caught, if it can't go on."""

    error: dict[str, Any] | None = None

    @property
    def error_name(self) -> str:
        """The name of the error, `unknown` if it has none."""
        return str((self.error or {}).get("Error", "unknown"))
