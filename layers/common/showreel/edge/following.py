"""Follows something stored as a stream of frames: look, tell, wait, until it ends or time is up."""

import time
from collections.abc import Callable, Iterator, Sequence

HEARTBEAT_SECONDS = 10.0
"""How long a stream tells nothing at most: proxies end those that are silent for long."""
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
    """Yields what each `look` finds, until one says that nothing more will come.

    Before the `deadline` (of `clock`) would pass it ends with `cut`: then the client comes back.
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
