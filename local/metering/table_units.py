"""DynamoDB's documented rules: how large an item is, and how many request units a call costs.

Sizes: "DynamoDB item sizes and formats" in the developer guide. Units: "DynamoDB read and write
operations" and "Using global secondary indexes" there. Items are as the API carries them:
`{"pk": {"S": "x"}}`.
"""

import base64
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
WRITE_BYTES = 1024
READ_BYTES = 4096
CONTAINER_BYTES = 3
"""A list or map, beside its contents; each element takes one byte more."""
INDEXING_BYTES = 100
"""Billed storage of every item, in the table and in each index."""


@dataclass(frozen=True)
class Index:
    """A global secondary index: its key, and which attributes it holds (None: all)."""

    keys: tuple[str, ...]
    holds: frozenset[str] | None = None
    """With the keys of the table and its own."""

    def entry(self, item: Item | None) -> Item | None:
        """Returns what the index holds of an item; None when the item isn't in there."""
        if item is None or any(key not in item for key in self.keys):
            return None
        if self.holds is None:
            return item
        return {name: value for name, value in item.items() if name in self.holds}

    def moves(self, was: Item, now: Item) -> bool:
        """Returns whether an entry is at another place after a change."""
        return any(was[key] != now[key] for key in self.keys)


def item_bytes(item: Item) -> int:
    """Returns the size of an item: its attributes' names in UTF-8 and their values."""
    return sum(len(name.encode()) + value_bytes(value) for name, value in item.items())


def value_bytes(value: Mapping[str, Any]) -> int:
    """Returns the size of one attribute value, as `{"S": "x"}`."""
    kind, content = next(iter(value.items()))
    match kind:
        case "L":
            size = CONTAINER_BYTES + sum(1 + value_bytes(inner) for inner in content)
        case "M":
            size = CONTAINER_BYTES + len(content) + item_bytes(content)
        case "SS" | "NS" | "BS":
            size = sum(value_bytes({kind[0]: inner}) for inner in content)
        case _:
            size = SCALAR_BYTES[kind](content)
    return size


def number_bytes(text: str) -> int:
    """Returns one byte per two significant digits and one more; a sign takes another."""
    digits = text.lower().partition("e")[0].lstrip("+-").replace(".", "").strip("0")
    return math.ceil(len(digits) / 2) + 1 + text.startswith("-")


def binary_bytes(content: str | bytes) -> int:
    """Returns the raw length, also of base64 text."""
    return len(content if isinstance(content, bytes) else base64.b64decode(content))


SCALAR_BYTES: dict[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "N": number_bytes,
    "B": binary_bytes,
    "NULL": lambda _: 1,
    "BOOL": lambda _: 1,
}


def write_units(before: Item | None, after: Item | None) -> int:
    """Units of a write that changes an item from `before` to `after` (None: there is none).

    The larger of the two counts. A refused conditional write changes nothing and costs the same.
    """
    larger = max(item_bytes(item) if item else 0 for item in (before, after))
    return max(1, math.ceil(larger / WRITE_BYTES))


def index_write_units(before: Item | None, after: Item | None, indexes: Iterable[Index]) -> int:
    """Units for bringing the indexes up to date: each entry that appears, goes or changes.

    An entry whose key changes is taken out and put in: two writes.
    """
    units = 0
    for index in indexes:
        was, now = index.entry(before), index.entry(after)
        if was == now:
            continue
        if was is not None and now is not None and not index.moves(was, now):
            units += write_units(was, now)
            continue
        units += sum(write_units(entry, None) for entry in (was, now) if entry is not None)
    return units


def read_units(items: Sequence[Item], *, consistent: bool, transaction: bool = False) -> float:
    """Units of one read of these items together: a get of one, or a page of a query.

    A page counts what was looked at, before any filter. Nothing found costs as much as 4 KB.
    """
    units = max(1, math.ceil(sum(item_bytes(item) for item in items) / READ_BYTES))
    if transaction:
        return 2 * units
    return units if consistent else units / 2
