"""Streams changes of something stored: polls it until it ends or time is up."""

import time
from collections.abc import Callable, Iterator, Sequence

HEARTBEAT_SECONDS = 10.0
"""The longest silence of a stream: proxies close connections that are silent for long."""
HEARTBEAT = b": still here\n\n"


def follow(
    look: Callable[[], tuple[Sequence[bytes], bool]],
    pauses: Iterator[float],
    *,
    deadline: float,
    cut: bytes = b"",
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """Yields the frames of each `look`, until one says that nothing more will come.

    Ends with `cut` before the `deadline`, in seconds of `clock`; the client then reconnects.
    """
    beat = clock()
    for pause in pauses:
        frames, is_over = look()
        yield from frames
        beat = clock() if frames else beat
        if is_over:
            return
        if clock() + pause > deadline:
            break
        if clock() - beat >= HEARTBEAT_SECONDS:
            yield HEARTBEAT
            beat = clock()
        sleep(pause)
    if cut:
        yield cut
