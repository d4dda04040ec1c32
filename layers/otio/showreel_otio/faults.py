"""Faults of a file: all of them at once, each with its place in the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from showreel.core.errors import InvalidInput

MOST = 50
"""The most faults in one error."""


@dataclass
class Faults:
    """The faults found so far."""

    found: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, code: str, place: str, message: str) -> None:
        """Adds a fault at a place such as `tracks.children.0.children.3`."""
        self.found.append((code, place, message))

    def require_none(self) -> None:
        """Raises InvalidInput with all faults if there are any; its code is the first one's."""
        if not self.found:
            return
        code, place, message = self.found[0]
        details = [{"field": place, "message": message} for _, place, message in self.found[:MOST]]
        raise InvalidInput(f"{place}: {message}", code=code, details={"details": details})


@contextmanager
def looking_for_faults() -> Iterator[Faults]:
    """Provides a list of faults, and raises InvalidInput at the end if there are any."""
    faults = Faults()
    yield faults
    faults.require_none()
