"""Reads a language model's answer while it arrives, and reports each shot's phase.

The text so far is parsed anew with every piece, by the JSON parser that pydantic stands on (jiter)
in its partial mode: whole values are there, unfinished ones aren't. An answer is bounded to 16,000
characters, so that this costs microseconds a piece and needs no further package.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from showreel.storyboards.gen_shots.ideas import Idea, read_idea
from showreel.storyboards.gen_shots.slots import PHASES
from showreel.storyboards.models import Phase

MAX_ANSWER_CHARS = 16_000
MAX_SILENT_CHARS = 3000
"""How many characters may pass without news of a shot: five times what one needs."""
MAX_PREAMBLE_CHARS = 400
"""How long the text before the JSON may be, such as "Here you are:"."""


class Unusable(Exception):
    """The answer can't become all the shots that were asked for."""


@dataclass(frozen=True)
class Sighting:
    """A shot that has reached a phase. `place` is its index among the answer's usable shots."""

    place: int
    phase: Phase
    idea: Idea | None = None
    """What is known of the shot; None while it is `creating`."""


class AnswerReader:
    """Reads the first `most` shots of an answer, and ignores what follows."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._text = ""
        self._has_ended = False
        self._silent_chars = 0
        self._passed = 0
        """The number of the answer's entries that are read."""
        self._place = 0
        self._next_phase = 0

    @property
    def is_over(self) -> bool:
        """Whether all shots are ready, so that nothing more is read."""
        return self._place >= self._most

    def read(self, piece: str) -> list[Sighting]:
        """Returns what the next piece of text completes, in order. Raises Unusable."""
        if self.is_over:
            return []
        if self._has_ended:
            raise Unusable("the answer has too few shots")
        self._text += piece
        if len(self._text) > MAX_ANSWER_CHARS:
            raise Unusable("the answer is too long")
        body = self._body()
        news = [] if body is None else [*self._sightings(*self._parsed(body))]
        self._silent_chars = 0 if news else self._silent_chars + len(piece)
        if self._silent_chars > MAX_SILENT_CHARS:
            raise Unusable("the answer goes on and on")
        return news

    def end(self) -> None:
        """Ends the answer. Raises Unusable unless all shots are ready."""
        if not self.is_over:
            raise Unusable("the answer has too few shots")

    def _body(self) -> str | None:
        """Returns the text from where its JSON begins, None before. Raises Unusable."""
        starts = [place for sign in "{[" if (place := self._text.find(sign)) >= 0]
        if (min(starts) if starts else len(self._text)) > MAX_PREAMBLE_CHARS:
            raise Unusable("the answer is prose")
        return _paired(self._text[min(starts) :]) if starts else None

    def _parsed(self, body: str) -> tuple[list[Any], bool]:
        """Returns the shots so far, and whether the last of them is whole. Raises Unusable."""
        self._has_ended = _has_ended(body)
        try:
            value = from_json(body, allow_partial=True)
        except ValueError as error:
            raise Unusable("the answer is not JSON") from error
        shots = value.get("shots") if isinstance(value, dict) else value
        is_last_whole = self._has_ended or _ends_with_whole(body)
        return shots if isinstance(shots, list) else [], is_last_whole

    def _sightings(self, shots: Sequence[Any], is_last_whole: bool) -> Iterator[Sighting]:
        for entry in shots[self._passed :]:
            is_whole = is_last_whole or self._passed < len(shots) - 1
            idea = read_idea(entry) if isinstance(entry, Mapping) else None
            if idea is not None or not is_whole:  # else the next entry takes its place
                yield from self._news(idea, _phase_of(entry, idea, is_whole=is_whole))
            self._passed += is_whole
            if self.is_over:
                return

    def _news(self, idea: Idea | None, reached: Phase) -> Iterator[Sighting]:
        """Yields the phases that the present shot has newly reached."""
        place, through = self._place, PHASES.index(reached) + 1
        for phase in PHASES[self._next_phase : through]:
            yield Sighting(place, phase, None if phase == "creating" else idea)
        self._next_phase = max(self._next_phase, through)
        if reached == "ready":
            self._place, self._next_phase = place + 1, 0


def _phase_of(entry: Any, idea: Idea | None, *, is_whole: bool) -> Phase:
    if is_whole:
        return "ready"
    if idea is None or "title" not in entry:
        return "creating"
    return "enriching" if idea.camera else "drafting"


def _has_ended(body: str) -> bool:
    """Returns whether the text begins with whole JSON; more may follow, such as a code fence."""
    try:
        json.JSONDecoder().raw_decode(body)
    except (ValueError, RecursionError):
        return False
    return True


def _ends_with_whole(body: str) -> bool:
    """Returns whether the last shot is whole: the text is JSON if the list and object around it are
    closed.
    """
    text = body.rstrip(" \t\r\n,")
    return text.endswith("}") and (_has_ended(f"{text}]}}") or _has_ended(f"{text}]"))


def _paired(text: str) -> str:
    """Returns the text with surrogate pairs joined; vendors may cut within a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
