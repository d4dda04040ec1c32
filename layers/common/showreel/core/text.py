"""Texts from people: visible characters only."""

import unicodedata


def plain_line(text: str) -> str:
    """Returns one visible line. Refuses control characters, text direction overrides, blanks."""
    return _visible(text)


def plain_name(text: str) -> str:
    """Like `plain_line`, without characters that take no place either: a name is to be told from
    others by looking at it.
    """
    if any(unicodedata.category(character) == "Cf" for character in text):
        raise ValueError("must not contain invisible characters")
    return _visible(text)


def plain_text(text: str) -> str:
    """Like `plain_line`, with line breaks."""
    return _visible(text.replace("\r\n", "\n"), besides="\n")


def _visible(text: str, besides: str = "") -> str:
    if any(_is_hidden(character) for character in text if character not in besides):
        raise ValueError("must not contain control or text direction characters")
    if not text.strip():
        raise ValueError("must not be blank")
    return text.strip()


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or (
        "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    )
