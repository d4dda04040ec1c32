"""What is wrong with a file: everything at once, each fault with its place in the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from showreel.core.errors import InvalidInput

MOST = 50
"""So many are told."""


@dataclass
class Faults:
    """The faults that were found so far."""

    found: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, code: str, place: str, message: str) -> None:
        """Notes a fault at a place such as `tracks.children.0.children.3`."""
        self.found.append((code, place, message))

    def require_none(self) -> None:
        """Raises InvalidInput with all of them; its code is that of the first."""
        if not self.found:
            return
        code, place, message = self.found[0]
        details = [{"field": place, "message": message} for _, place, message in self.found[:MOST]]
        raise InvalidInput(f"{place}: {message}", code=code, details={"details": details})


@contextmanager
def looking_for_faults() -> Iterator[Faults]:
    """Provides a list of faults and raises InvalidInput at the end if there are any."""
    faults = Faults()
    yield faults
    faults.require_none()
