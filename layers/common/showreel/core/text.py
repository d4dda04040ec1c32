"""Texts from people: visible characters only."""

import unicodedata


def plain_line(text: str) -> str:
    """Returns one visible line. Refuses control characters, text direction overrides, blanks."""
    if any(_is_hidden(character) for character in text):
        raise ValueError("must not contain control or text direction characters")
    return _not_blank(text)


def plain_text(text: str) -> str:
    """Like `plain_line`, with line breaks."""
    lines = text.replace("\r\n", "\n").split("\n")
    if any(_is_hidden(character) for line in lines for character in line):
        raise ValueError("must not contain control or text direction characters")
    return _not_blank("\n".join(lines))


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text.strip()


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or (
        "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"
    )
