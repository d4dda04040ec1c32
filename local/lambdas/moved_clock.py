"""Makes the product's clock, in a function's process, show the stack's time.

All of the product's time of day goes through `showreel.core.clock`; only the names that this module
looks up are replaced. Imports nothing local: it runs in the process of a function.
"""

import contextlib
import mmap
import struct
import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self


def install(path: str) -> None:
    """Leads the product's clock, if this function has one, to the offset in the file."""
    with contextlib.suppress(ImportError):
        from showreel.core import clock

        patched: Any = clock
        offset = _reader(path)

        class Moved(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                moved = datetime.now(UTC) + timedelta(seconds=offset())
                return cls.fromtimestamp(moved.timestamp(), tz)

        patched.datetime = Moved
        patched.time = SimpleNamespace(time=lambda: time.time() + offset())


def _reader(path: str) -> Any:
    with Path(path).open("rb") as file:
        shared = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)
    return lambda: struct.unpack("d", shared[:])[0]
