"""One text on its way: from the vendor's stream to whoever reads it, and its end, once.

Nothing has reached the caller before the first piece, so until then an error costs nothing, a
vendor that was too busy is asked again, and a model that is gone has its replacement. After it
every end is an end of the same job. Between two pieces the row is asked whether to stop.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from showreel.catalog import bind, get_model, replacement
from showreel.core.errors import (
    AppError,
    ProviderError,
    ProviderModelGone,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.core.observability import count, logger
from showreel.generation.engine import Engine
from showreel.generation.models import Final, Job
from showreel.generation.settle import INTERNAL
from showreel.generation.steps.submit import require_switched_on
from showreel.generation.text.job import (
    MAX_TEXT_BYTES,
    TextEnding,
    Told,
    end_text,
    failure,
    follow_replacement,
    text_bytes,
)
from showreel.generation.text.order import TextOrder, fits
from showreel.providers.registry import get_text
from showreel.providers.text import FinishReason, TextDelta, TextEnd, TextRequest, TextUsage

PAUSES_SECONDS = (0.5, 1.5)
"""Before a vendor that did nothing is asked again; each at random between half of it and all."""
MOST_PAUSE_SECONDS = 8.0
"""A vendor that wants more time than this is not waited for."""
LOOK_SECONDS = 1.0
"""How often, at most, the row is asked whether the text is to be stopped."""
CANCELED = "canceled"
BAD_DELIVERY = "bad_delivery"


class TextRun:
    """A text being told. `job` is its row as last written.

    `is_whole` says that the caller gets nothing unless all of it came.
    """

    def __init__(self, on: Engine, job: Job, order: TextOrder, *, is_whole: bool) -> None:
        self.job = job
        self._on, self._order, self._is_whole = on, order, is_whole
        self._stream: Iterator[TextDelta | TextEnd] = iter(())
        self._ahead: TextDelta | TextEnd | None = None
        self._parts: list[str] = []
        self._bytes = 0
        self._looked_at = time.monotonic()
        self._end_again: Callable[[], None] = lambda: self._end("failed", INTERNAL)

    def begin(self) -> None:
        """Waits for the first piece. Raises what a job that failed is answered."""
        with self._failing():
            self._ahead = self._first()
            if isinstance(self._ahead, TextEnd):
                raise ProviderError("no text came", code=BAD_DELIVERY)

    def more(self) -> str | None:
        """Returns the next piece; None at the end, when the job is completed and paid.

        Raises what a job that failed or was stopped is answered.
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
        """Ends what is still open: as it was going to end when that failed, else as failed. The
        vendor is stopped, what was passed on is paid.
        """
        if not self.job.is_finished:
            self._end_again()

    def _is_to_stop(self) -> bool:
        """Returns what the row says, about once a second; one that can't be read says nothing."""
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
        """Ends the job with what fails in here. An error of our own surroundings leaves it open:
        closing tries once more, after that it is the reconciler's.
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
        _close(self._stream)
        reached = "" if self._is_whole and status != "completed" else "".join(self._parts)
        told = Told(text=reached, finish_reason=finish_reason, usage=usage)
        self.job = end_text(self._on, self.job, TextEnding(status, told, error_code))

    def _next(self) -> TextDelta | TextEnd:
        """Returns the next piece as it comes. A text that grows beyond its bound ends there."""
        piece, self._ahead = self._ahead or _following(self._stream), None
        if isinstance(piece, TextDelta):
            self._bytes += text_bytes(piece.text)
            if self._bytes > MAX_TEXT_BYTES:
                return TextEnd("length")
        return piece

    def _check_whole(self) -> None:
        """A stream has been passed on by now and is what it is."""
        if self._is_whole and self._order.json_only and not _is_object("".join(self._parts)):
            raise ProviderError("the answer is not a JSON object", code=BAD_DELIVERY)

    def _first(self) -> TextDelta | TextEnd:
        from showreel.providers.http import NotSent

        for pause_seconds in PAUSES_SECONDS:
            try:
                return self._asked()
            except (ProviderRateLimited, NotSent) as error:
                _wait(pause_seconds, error)
        return self._asked()

    def _asked(self) -> TextDelta | TextEnd:
        """Returns the first piece, of the replacement if the model is gone."""
        try:
            return self._ask()
        except ProviderModelGone:
            if not self._follow():
                raise
        return self._ask()

    def _ask(self) -> TextDelta | TextEnd:
        model = get_model(self.job.catalogue_id)
        binding = bind(model)
        require_switched_on(binding.provider)
        limit = model.capabilities.max_output_tokens or self._order.max_output_tokens
        request = TextRequest(
            upstream=binding.upstream,
            messages=self._order.messages,
            max_output_tokens=min(self._order.max_output_tokens, limit),
            temperature=self._order.temperature,
            json_only=self._order.json_only,
            parameters=binding.parameters,
        )
        self._stream = get_text(binding.provider).stream(request)
        return _following(self._stream)

    def _follow(self) -> bool:
        """Returns whether the catalogue has another model that may answer; the row then
        names it.
        """
        if self.job.replaced or not self.job.terms.may_be_replaced:
            return False
        new = replacement(get_model(self.job.catalogue_id))
        if new is None or not fits(new, self._order):
            return False
        self.job = follow_replacement(self._on, self.job, new)
        return True


def _note(job: Job, error: ProviderError) -> None:
    kind = type(error).__name__
    logger().warning("a vendor failed", job_id=job.job_id, provider=job.provider, error=kind)
    if error.code == "provider_quota":
        count("ProviderQuota", provider=job.provider)


def _wait(pause_seconds: float, error: ProviderError) -> None:
    """With jitter, never before the vendor's own `Retry-After`. Raises an error that stays."""
    told = error.retry_after_seconds if isinstance(error, ProviderRateLimited) else None
    asked_seconds = told or 0.0
    if asked_seconds > MOST_PAUSE_SECONDS:
        raise error
    unit = random.random()  # noqa: S311 - jitter, not a secret
    time.sleep(asked_seconds + pause_seconds * (1 + unit) / 2)


def _following(stream: Iterator[TextDelta | TextEnd]) -> TextDelta | TextEnd:
    piece = next(stream, None)
    if piece is None:
        raise ProviderUpstream("the vendor's stream has no end")
    return piece


def _close(stream: Any) -> None:
    """A vendor's stream is a generator; what was never asked has nothing to close."""
    if hasattr(stream, "close"):
        stream.close()


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
