"""Sets texts in lines that aren't too wide, in the one font.

Widths are in font sizes, so that a text breaks at the same places in every resolution. Letters are
placed one after another without a layout library, so that lines break alike on every machine.
"""

import functools
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import ImageFont

FONT = Path(__file__).parent / "fonts" / "Roboto-Medium.ttf"
"""It has Latin, Greek, Cyrillic and Vietnamese."""
_MEASURED_SIZE = 100
_COMPARED_SIZE = 32
_NO_CHARACTER = "\U0010ffff"
_VARIATIONS = ("\ufe00", "\ufe0f")
"""Variation selectors, which change the look of the character before them and take no room."""


@functools.cache
def font_of(size: int) -> ImageFont.FreeTypeFont:
    """Returns the font at a size in pixels."""
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


@functools.lru_cache(maxsize=4096)
def width_of(text: str) -> float:
    """Returns the width of a text in font sizes."""
    return font_of(_MEASURED_SIZE).getlength(drawable(text)) / _MEASURED_SIZE


def drawable(text: str) -> str:
    """Returns a line without the characters that the font lacks, and without gaps in their
    place.
    """
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(filter(_is_drawn, composed)).split())


def missing_characters(text: str) -> str:
    """Returns the visible characters that the font lacks, each once."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(one for one in dict.fromkeys(composed) if _is_visible(one) and not _has(one))


def is_letter(character: str) -> bool:
    """Returns whether a word is another one without it: a letter, its accent, or a digit."""
    category = unicodedata.category(character)
    return category[0] in "LN" or category in {"Mn", "Mc"}


def lines_of(text: str, width: float, most: int) -> list[str]:
    """Returns the text in the fewest lines, as even as possible; none is wider than `width` font
    sizes or longer than `most` characters. Its line breaks stay, empty lines don't.
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        words = [part for word in paragraph.split() for part in _parts(word, width, most)]
        lines += _even_lines(words, width, most)
    return lines


def _even_lines(words: Sequence[str], width: float, most: int) -> list[str]:
    """Returns the lines of a paragraph: the fewest, then those with the least sum of squared room
    left (Knuth and Plass, Breaking Paragraphs into Lines, 1981).
    """
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]
    for end in range(1, len(words) + 1):
        ways: list[tuple[int, float, int]] = []
        room, length = width + _space(), -1
        for start in range(end - 1, -1, -1):
            room -= width_of(words[start]) + _space()
            length += len(words[start]) + 1
            if ways and (room < 0 or length > most):
                break
            count, uneven, _ = best[start]
            ways.append((count + 1, uneven + room * room, start))
        best.append(min(ways))
    return list(_lines_back(words, [start for _, _, start in best]))[::-1]


def _lines_back(words: Sequence[str], starts: Sequence[int]) -> Iterator[str]:
    """Yields the lines from last to first. `starts` has, for each word, the start of the line that
    ends before it.
    """
    end = len(words)
    while end:
        yield " ".join(words[starts[end] : end])
        end = starts[end]


@functools.cache
def _space() -> float:
    return font_of(_MEASURED_SIZE).getlength(" ") / _MEASURED_SIZE


def _parts(word: str, width: float, most: int) -> list[str]:
    """Returns the word, in as many parts as it needs to fit into lines."""
    if len(word) <= most and width_of(word) <= width:
        return [word]
    parts, taken = [""], 0.0
    for character in word:
        wide = width_of(character)
        if parts[-1] and (taken + wide > width or len(parts[-1]) == most):
            parts.append("")
            taken = 0.0
        parts[-1] += character
        taken += wide
    return parts


def _is_drawn(character: str) -> bool:
    return character.isspace() or (_is_visible(character) and _has(character))


def _is_visible(character: str) -> bool:
    first, last = _VARIATIONS
    is_formatting = unicodedata.category(character)[0] == "C" or first <= character <= last
    return not (is_formatting or character.isspace())


def _has(character: str) -> bool:
    """Returns whether the font has a character: missing ones all draw the same glyph."""
    return _glyph(character) != _glyph(_NO_CHARACTER)


@functools.lru_cache(maxsize=4096)
def _glyph(character: str) -> tuple[tuple[int, int], bytes]:
    mask = font_of(_COMPARED_SIZE).getmask(character)
    return mask.size, bytes(mask)
