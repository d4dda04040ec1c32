"""Ctrl-C at a moment when what is under way has a name."""

import contextlib
import signal
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Holds Ctrl-C back until the block is over: an order that is interrupted before its answer
    couldn't be cancelled. Raises KeyboardInterrupt then.
    """
    pressed: list[int] = []

    def note(number: int, _frame: Any) -> None:
        pressed.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
