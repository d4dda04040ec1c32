"""Texts that simulated language models write: made from the prompt, the same for the same one.

A prompt that shows a JSON object gets one of that form: texts are new, `a|b|c` becomes one of the
three, a list is as long as the prompt asks ("4 shots"), and a key that counts, counts. A form in
the rules goes before one in the question: a JSON document there is what the answer is about.
"""

import hashlib
import json
import random
import re
from collections.abc import Iterator
from typing import Any

_SENTENCES = (
    "The camera drifts past the {0} and settles on the {1}.",
    "Soft morning light falls across the {0} while the {1} stays in shadow.",
    "A slow push brings the {0} close, until only the {1} is left in the frame.",
    "Seen from above, the {0} and the {1} draw one long diagonal.",
    "Dust turns in the air between the {0} and the {1}.",
    "The {0} is out of focus at first; then the {1} comes into view.",
    "Warm colours hold the {0}, cooler ones the {1} behind it.",
)
_TITLES = ("Past the {0}", "The {0} at Dawn", "{0} and {1}", "Close to the {0}", "Toward the {1}")
_SAID = (
    "Nobody had told the {0} about the {1}.",
    "Without the {0} there would have been no {1}.",
    "It began with the {0}. It would end with the {1}.",
    "They say that the {0} remembers every {1}.",
    "Listen: that is the {0}, and behind it the {1}.",
    "When the {0} was gone, there was still the {1}.",
    "Once, the {0} was all that stood before the {1}.",
)
_MANNER = re.compile("style|tone|genre|format|ratio|lighting|weather")
"""Keys that say how something is shown, not what."""
_USUAL_WORDS = ("window", "table", "doorway", "curtain", "garden", "floor")
_COMMON = frozenset(
    "about above after again answer array before camera cinematic describe each every field fields "
    "following form from generate give have into json like line lines make more must need next "
    "object only other please prompt reply return scene shot shots should style that their them "
    "then there these they this title under video want what when where which will with without "
    "write your".split()
)
_OWN = frozenset(re.findall(r"[a-z]{4,}", " ".join((*_SENTENCES, *_TITLES, *_SAID)).lower()))
"""A text that is made of one of ours is about its subjects, not about our words."""
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_MOST_ENTRIES = 20
_BY_LINE = re.compile(r"json ?l(?:ines)?\b|ndjson|(?:per|on its own|on one|a) line", re.IGNORECASE)
_COUNTED = r"(?:shots?|scenes?|lines?|objects?|items?|ideas?|titles?)"
_MANY, _ENDLESS_SENTENCES = 40, 600
_REFUSAL = "I'm sorry, but I can't help with that."
ODD_ANSWERS = frozenset({"truncated", "prose", "empty", "refusal", "too_many", "endless"})
"""How a model answers that doesn't do what it was asked."""
_PIECE = re.compile(r"\S+\s*|\s+")


def answer_to(prompt: str, question: str, *, as_json: bool, odd: str = "") -> str:
    """Returns the answer to a conversation: `prompt` is all of it, `question` what was
    said last. An `odd` one isn't what was asked for.
    """
    chance = random.Random(hashlib.sha256(prompt.encode(errors="replace")).digest())
    ruled = _example(prompt.removesuffix(question))
    writer = _Writer(_material(question) if ruled else question, chance)
    usual = _usual_answer(prompt, writer, ruled or _example(prompt), as_json=as_json)
    return _odd_answer(odd, usual, writer) if odd else usual


def _usual_answer(
    prompt: str, writer: "_Writer", example: dict[str, Any] | None, *, as_json: bool
) -> str:
    chance = writer.chance
    if example is None and not as_json:
        return " ".join(writer.sentence() for _ in range(chance.randint(3, 6)))
    example = example or {"title": "", "text": "", "items": [""] * 3}
    if not as_json and _BY_LINE.search(prompt):
        entries = range(asked_count(prompt, _COUNTED) or 3)
        return "\n".join(json.dumps(_filled(example, prompt, writer, place)) for place in entries)
    return json.dumps(_filled(example, prompt, writer, 0))


def _odd_answer(odd: str, usual: str, writer: "_Writer") -> str:
    match odd:
        case "truncated":
            return usual[: len(usual) * 3 // 5]
        case "prose":
            return " ".join(["Here is what I would do.", *(writer.sentence() for _ in range(5))])
        case "refusal":
            return _REFUSAL
        case "too_many":
            return _repeated(usual)
        case "endless":
            more = [writer.sentence() for _ in range(_ENDLESS_SENTENCES)]
            return " ".join([usual[: len(usual) * 2 // 5], *more])
    return ""


def _repeated(text: str) -> str:
    """Returns the text with forty entries in each of its lists."""
    try:
        whole = json.loads(text)
    except ValueError:
        return " ".join([text] * _MANY)
    return json.dumps(
        {name: (of * _MANY)[:_MANY] if isinstance(of, list) else of for name, of in whole.items()}
    )


def _material(question: str) -> str:
    """Returns what a question is about: the texts of its JSON document, or all of it."""
    return "\n".join(_texts_in(_example(question))) or question


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for name, inner in value.items() if isinstance(value, dict) else ():
        if not _MANNER.search(name):
            yield from _texts_in(inner)
    for inner in value if isinstance(value, list) else ():
        yield from _texts_in(inner)


def pieces(text: str) -> list[str]:
    """Returns the text as it is streamed: word by word, with the space after each."""
    return _PIECE.findall(text)


def asked_count(prompt: str, noun: str) -> int | None:
    """Returns how many of something (a pattern) the prompt asks for, up to 20; None if it doesn't
    say.
    """
    numbers = "|".join(_NUMBERS)
    found = re.search(
        rf"\b(\d{{1,2}}|{numbers})\s+(?:[\w-]+\s+){{0,3}}{noun}\b", prompt, re.IGNORECASE
    )
    if found is None:
        return None
    word = found[1].lower()
    return min(_NUMBERS.get(word) or int(word), _MOST_ENTRIES)


class _Writer:
    """Makes titles and sentences of the question's own words."""

    def __init__(self, question: str, chance: random.Random) -> None:
        found = re.findall(r"[a-z]{4,14}", question.lower())
        words = dict.fromkeys(word for word in found if word not in _COMMON | _OWN)
        self._words = [*words][:12] or list(_USUAL_WORDS)
        self._words += _USUAL_WORDS[: max(0, 2 - len(self._words))]
        self.chance = chance

    def sentence(self) -> str:
        """Returns one sentence."""
        return self._put(_SENTENCES)

    def said(self) -> str:
        """Returns what somebody says."""
        return self._put(_SAID)

    def title(self) -> str:
        """Returns two to four words."""
        return self._put(_TITLES).title()

    def _put(self, forms: tuple[str, ...]) -> str:
        return self.chance.choice(forms).format(*self.chance.sample(self._words, 2))


def _example(prompt: str) -> dict[str, Any] | None:
    """Returns the largest JSON object in the prompt."""
    found = max(_objects(prompt), key=lambda pair: pair[0], default=None)
    return found[1] if found else None


def _objects(prompt: str) -> Iterator[tuple[int, dict[str, Any]]]:
    decoder = json.JSONDecoder()
    for start in [match.start() for match in re.finditer(r"\{", prompt)][:200]:
        try:
            value, end = decoder.raw_decode(prompt, start)
        except (ValueError, RecursionError):
            continue
        if value:
            yield end - start, value


def _filled(example: Any, prompt: str, writer: _Writer, place: int, key: str = "") -> Any:
    """Returns a value like the example's; `place` is which entry of its list it belongs
    to, from 0.
    """
    match example:
        case dict():
            return {name: _filled(of, prompt, writer, place, name) for name, of in example.items()}
        case [first, *_]:
            count = asked_count(prompt, re.escape(key)) if key else None
            entries = range(count or len(example))
            return [_filled(first, prompt, writer, entry, key) for entry in entries]
        case str():
            return _filled_text(example, writer, key)
        case int() if not isinstance(example, bool) and re.search("number|index|order", key):
            return place + 1
    return example


def _filled_text(example: str, writer: _Writer, key: str) -> str:
    if "|" in example:
        return writer.chance.choice([part.strip() for part in example.split("|")])
    if re.search("title|name|label", key):
        return writer.title()
    return writer.said() if re.search("line|dialogue|narrat|voice", key) else writer.sentence()
