"""Streams one text from the vendor to the caller, and ends its job once.

Before the first piece the caller has got nothing, so until then an error costs nothing. Between two
pieces the row is read, to see whether to stop.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from showreel.catalog import Model, get_model, replacement
from showreel.core.errors import AppError, ProviderError
from showreel.core.observability import count, logger
from showreel.generation.engine import Engine
from showreel.generation.models import Final, Job
from showreel.generation.settle import INTERNAL
from showreel.generation.text.asking import Asking, TextPiece
from showreel.generation.text.job import (
    MAX_TEXT_BYTES,
    TextEnding,
    TextResult,
    end_text,
    failure,
    follow_replacement,
    text_bytes,
)
from showreel.generation.text.order import TextOrder, fits
from showreel.providers.text import (
    FinishReason,
    TextDelta,
    TextEnd,
    TextUsage,
    is_json_object,
)

LOOK_SECONDS = 1.0
"""Least time between two reads of the row, in seconds."""
CANCELED = "canceled"
BAD_DELIVERY = "bad_delivery"


class TextRun:
    """A text that is being streamed. `job` is its row as last written.

    With `is_whole` the caller gets the whole text or nothing.
    """

    def __init__(self, on: Engine, job: Job, order: TextOrder, *, is_whole: bool) -> None:
        self.job = job
        self._on, self._order, self._is_whole = on, order, is_whole
        self._asking = Asking(order, get_model(job.catalogue_id), self._follow)
        self._ahead: TextPiece | None = None
        self._parts: list[str] = []
        self._bytes = 0
        self._looked_at = time.monotonic()
        self._end_again: Callable[[], None] = lambda: self._end("failed", INTERNAL)

    def begin(self) -> None:
        """Waits for the first piece. Raises the error of a job that failed."""
        with self._failing():
            self._ahead = self._asking.first()
            if isinstance(self._ahead, TextEnd):
                raise ProviderError("no text came", code=BAD_DELIVERY)

    def more(self) -> str | None:
        """Returns the next piece; None at the end, once the job is completed and paid.

        Raises the error of a job that failed or was stopped.
        """
        if self.job.is_finished:
            return None
        if self._is_to_stop():
            self._end("canceled", CANCELED)
            raise failure(self.job)
        with self._failing():
            piece = self._next()
            if isinstance(piece, TextDelta):
                self._parts.append(piece.text)
                return piece.text
            self._check_whole()
            self._end("completed", None, piece.finish_reason, piece.usage)
        if self.job.status != "completed":  # the reconciler was faster
            raise failure(self.job)
        return None

    def close(self) -> None:
        """Ends the job if it is open: repeats the end that couldn't be written, else ends it as
        failed. Stops the vendor; the pieces that were passed on are paid.
        """
        if not self.job.is_finished:
            self._end_again()

    def _is_to_stop(self) -> bool:
        """Returns whether the row says to stop, read about once a second; False if unreadable."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return False
        self._looked_at = now
        try:
            row = self._on.jobs.get(self.job.job_id)
        except AppError:
            return False
        return row.cancel_requested or row.is_finished

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Ends the job with an error that is raised inside. Our own AppErrors leave it open:
        `close` tries once more, then the reconciler does.
        """
        try:
            yield
        except ProviderError as error:
            _note(self.job, error)
            self._end("failed", error.code)
            raise failure(self.job) from error
        except AppError:
            raise
        except Exception:
            self._end("failed", INTERNAL)
            raise

    def _end(
        self,
        status: Final,
        error_code: str | None,
        finish_reason: FinishReason | None = None,
        usage: TextUsage | None = None,
    ) -> None:
        """Stops the vendor and ends the job."""
        self._end_again = lambda: self._end(status, error_code, finish_reason, usage)
        self._asking.close()
        reached = "" if self._is_whole and status != "completed" else "".join(self._parts)
        result = TextResult(text=reached, finish_reason=finish_reason, usage=usage)
        self.job = end_text(self._on, self.job, TextEnding(status, result, error_code))

    def _next(self) -> TextPiece:
        """Returns the next piece; the end once the text is longer than `MAX_TEXT_BYTES`."""
        piece, self._ahead = self._ahead or self._asking.following(), None
        if isinstance(piece, TextDelta):
            self._bytes += text_bytes(piece.text)
            if self._bytes > MAX_TEXT_BYTES:
                return TextEnd("length")
        return piece

    def _check_whole(self) -> None:
        """Raises ProviderError if JSON was asked for and the whole text is none."""
        if self._is_whole and self._order.json_only and not is_json_object("".join(self._parts)):
            raise ProviderError("the answer is not a JSON object", code=BAD_DELIVERY)

    def _follow(self, gone: Model) -> Model | None:
        """Returns the replacement of a model that is gone, after writing it to the row, or None."""
        if self.job.replaced or not self.job.terms.may_be_replaced:
            return None
        new = replacement(gone)
        if new is None or not fits(new, self._order):
            return None
        self.job = follow_replacement(self._on, self.job, new)
        return new


def _note(job: Job, error: ProviderError) -> None:
    kind = type(error).__name__
    logger().warning("a vendor failed", job_id=job.job_id, provider=job.provider, error=kind)
    if error.code == "provider_quota":
        count("ProviderQuota", provider=job.provider)
