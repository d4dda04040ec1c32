"""Streams a text as Server-Sent Events while it is generated."""

from collections.abc import Iterator
from dataclasses import dataclass

from showreel.core.errors import AppError
from showreel.core.observability import logger
from showreel.generation.models import Job
from showreel.generation.text.order import TextOrder
from showreel.generation.text.session import TextRun
from showreel.orders.text import TextCall, begin
from showreel.singles.text.responses import broken, last, piece, replay


@dataclass(frozen=True)
class TextEvents:
    """The body of a streamed answer, whose first piece is there already."""

    body: Iterator[bytes]
    is_replay: bool


def stream(order: TextOrder, call: TextCall) -> TextEvents:
    """Streams a text, or replays a finished one. Raises as `orders.text.begin`."""
    met = begin(order, call, is_whole=False)
    if isinstance(met, Job):
        return TextEvents(replay(met), is_replay=True)
    return TextEvents(TextStream(met), is_replay=False)


class TextStream(Iterator[bytes]):
    """The body of an answer. Closing it, even before the first piece, ends a job that is still
    open.

    Not a generator, because closing one that was never started runs none of its code.
    """

    def __init__(self, run: TextRun) -> None:
        self._run = run
        self._is_first, self._is_over = True, False

    def __next__(self) -> bytes:
        if self._is_over:
            raise StopIteration
        try:
            text = self._run.more()
        except AppError as error:
            return self._broken(error)
        except Exception as error:  # noqa: BLE001 - the client has its status already: an error event follows
            logger().exception("unexpected error", exc_info=error)
            return self._broken(AppError("Internal error"))
        if text is None:
            self._is_over = True
            return last(self._run.job)
        return self._piece(text)

    def close(self) -> None:
        """Ends the body: all of it was sent, or Lambda stopped reading."""
        self._is_over = True
        self._run.close()

    def _piece(self, text: str) -> bytes:
        is_first, self._is_first = self._is_first, False
        return piece(self._run.job, text, is_first=is_first)

    def _broken(self, error: AppError) -> bytes:
        self._is_over = True
        return broken(self._run.job, error)
