"""Paths in nested inputs: `voice_setting.speed`, `elements.0.video_url`."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

Path = tuple[str | int, ...]


def place(name: str) -> Path:
    """Returns the path of a dotted name; a whole number is an index of a list."""
    return tuple(int(part) if part.isdigit() else part for part in name.split("."))


def put(inputs: dict[str, Any], path: Path, value: Any) -> None:
    """Sets the value at a path, making the objects and lists on the way."""
    holder: Any = inputs
    for step, following in pairwise(path):
        holder = _inside(holder, step, [] if isinstance(following, int) else {})
    _inside(holder, path[-1], None)
    holder[path[-1]] = value


def _inside(holder: Any, step: str | int, empty: Any) -> Any:
    """Returns the value at the next step; sets it to `empty` if there is none."""
    if isinstance(step, str):
        return holder.setdefault(step, empty)
    if step == len(holder):
        holder.append(empty)
    return holder[step]


def copied(value: Any) -> Any:
    """Returns a copy that shares no object and no list."""
    if isinstance(value, dict):
        return {name: copied(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [copied(one) for one in value]
    return value
