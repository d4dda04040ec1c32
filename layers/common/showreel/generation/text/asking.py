"""Asks a language model until it begins to answer.

Before the first piece the caller has got nothing, so a busy vendor is asked again, and a model that
is gone at its vendor is replaced by its successor.
"""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from showreel.catalog import Model, bind
from showreel.core.errors import (
    ProviderError,
    ProviderModelGone,
    ProviderRateLimited,
    ProviderUpstream,
)
from showreel.generation.steps.submit import require_switched_on
from showreel.generation.text.order import TextOrder
from showreel.providers.registry import get_text
from showreel.providers.text import TextDelta, TextEnd, TextRequest

PAUSES_SECONDS = (0.5, 1.5)
"""Pauses before a vendor that did nothing is asked again, each at random from half to all of it."""
MOST_PAUSE_SECONDS = 8.0
"""A longer `Retry-After` than this is not waited for."""
TextPiece = TextDelta | TextEnd
Successor = Callable[[Model], Model | None]
"""Returns the model that may answer instead of one that is gone, or None."""


class Asking:
    """One question to a language model. `model` is the one that answers it."""

    def __init__(self, order: TextOrder, model: Model, successor: Successor) -> None:
        self.model = model
        self._order, self._successor = order, successor
        self._stream: Iterator[TextPiece] = iter(())

    def first(self) -> TextPiece:
        """Asks, perhaps again, and returns the first piece. Raises ProviderError."""
        from showreel.providers.http import NotSent

        for pause_seconds in PAUSES_SECONDS:
            try:
                return self._asked()
            except (ProviderRateLimited, NotSent) as error:
                _wait(pause_seconds, error)
        return self._asked()

    def following(self) -> TextPiece:
        """Returns the next piece. Raises ProviderError."""
        piece = next(self._stream, None)
        if piece is None:
            raise ProviderUpstream("the vendor's stream has no end")
        return piece

    def close(self) -> None:
        """Closes the vendor's stream, if there is one."""
        stream: Any = self._stream
        if hasattr(stream, "close"):
            stream.close()

    def _asked(self) -> TextPiece:
        """Asks once and returns the first piece, from the successor if the model is gone."""
        try:
            return self._ask()
        except ProviderModelGone:
            successor = self._successor(self.model)
            if successor is None:
                raise
            self.model = successor
        return self._ask()

    def _ask(self) -> TextPiece:
        binding, order = bind(self.model), self._order
        require_switched_on(binding.provider)
        limit = self.model.capabilities.max_output_tokens or order.max_output_tokens
        request = TextRequest(
            upstream=binding.upstream,
            messages=order.messages,
            max_output_tokens=min(order.max_output_tokens, limit),
            temperature=order.temperature,
            json_only=order.json_only,
            parameters=binding.parameters,
        )
        self._stream = get_text(binding.provider).stream(request)
        return self.following()


def _wait(pause_seconds: float, error: ProviderError) -> None:
    """Sleeps with jitter, at least for the `Retry-After`; raises `error` if that is too long."""
    retry_after = error.retry_after_seconds if isinstance(error, ProviderRateLimited) else None
    asked_seconds = retry_after or 0.0
    if asked_seconds > MOST_PAUSE_SECONDS:
        raise error
    unit = random.random()  # noqa: S311 - jitter, not a secret
    time.sleep(asked_seconds + pause_seconds * (1 + unit) / 2)
