"""Reads values in vendors' answers, any of which may have another type than documented."""

import re
from collections.abc import Mapping
from typing import Any

MAX_URL_CHARS = 4096
MAX_TOKENS = 10_000_000
"""More than any model takes or makes: a higher count is invalid."""


def first_object(value: object) -> dict[str, Any]:
    """Returns the first entry of a list if it is an object, else an empty one."""
    first = value[0] if isinstance(value, list) and value else None
    return first if isinstance(first, dict) else {}


def object_in(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Returns the object of that name, or an empty one."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def plain_text(value: object) -> str:
    """Returns a text without NULs and lone surrogates; empty if the value is no text."""
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode(errors="replace").decode()


def token_count(value: object) -> int | None:
    """Returns the value if it can be a number of tokens, else None."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= MAX_TOKENS else None


def objects_in(value: object) -> list[dict[str, Any]]:
    """Returns the objects in a list; none if it is something else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def matching(value: object, pattern: re.Pattern[str]) -> str | None:
    """Returns the value if it is a text that fully matches, else None."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def usable_url(value: object, max_chars: int = MAX_URL_CHARS) -> str | None:
    """Returns the value if it is a text that isn't empty or too long for a URL, else None."""
    return value if isinstance(value, str) and 0 < len(value) <= max_chars else None
