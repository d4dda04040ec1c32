"""Checks of users' texts: visible characters only."""

import unicodedata


def plain_line(text: str) -> str:
    """Strips a line. Raises ValueError for control or text direction characters, or a blank."""
    return _visible(text)


def plain_name(text: str) -> str:
    """Does as `plain_line`, and refuses invisible characters too, so that different names look
    different.
    """
    if any(unicodedata.category(character) == "Cf" for character in text):
        raise ValueError("must not contain invisible characters")
    return _visible(text)


def plain_text(text: str) -> str:
    """Does as `plain_line`, and allows line breaks."""
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
