"""The numbers of a project's scenes and of a scene's shots: one row each that maps ids to numbers.

The row has a version, and every change fails unless it is the version read: two calls at once get
different numbers, without a gap. A new order of any length is one write.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from showreel.core.backoff import jittered
from showreel.core.dynamo import Item, Table, Write, transact
from showreel.core.errors import ConditionFailed, Conflict, InvalidInput
from showreel.edge.paging import decode_cursor, encode_cursor, refuse_cursor
from showreel.storyboards.models import MAX_NUMBER, MAX_SCENES, MAX_SHOTS
from showreel.storyboards.rows import SCENES, SHOTS, missing, scene_pk, storyboard_pk

ATTEMPTS = 20
SAME_VERSION = "version = :read AND attribute_not_exists(retired)"


@dataclass(frozen=True)
class Place:
    """The row of numbers: of which parent, for what, and how many at most."""

    pk: str
    sk: str
    parent: str
    what: str
    most: int


def scenes_of(project_id: str) -> Place:
    """Returns the place of the numbers of a project's scenes."""
    return Place(storyboard_pk(project_id), SCENES, "Project", "scene", MAX_SCENES)


def shots_of(scene_id: str) -> Place:
    """Returns the place of the numbers of a scene's shots."""
    return Place(scene_pk(scene_id), SHOTS, "Scene", "shot", MAX_SHOTS)


@dataclass(frozen=True)
class Numbers:
    """A parent's ids with their numbers, as read."""

    place: Place
    version: int
    by_id: Mapping[str, int]

    @classmethod
    def read(cls, table: Table, place: Place) -> "Numbers":
        """Reads the numbers. Raises NotFound if the parent is gone or being deleted."""
        return cls.of(table.get(place.pk, place.sk), place)

    @classmethod
    def of(cls, row: Item | None, place: Place) -> "Numbers":
        """Returns the numbers in a row. Raises NotFound as `read`."""
        if row is None or row.get("retired"):
            raise missing(place.parent)
        return cls(place, row["version"], {id_: int(row["numbers"][id_]) for id_ in row["numbers"]})

    @property
    def ordered(self) -> list[str]:
        """The ids, sorted by number."""
        return sorted(self.by_id, key=self.by_id.__getitem__)

    def following(self, count: int, at_least: int = 0) -> Iterator[int]:
        """Returns the numbers after the highest and `at_least`. Raises InvalidInput."""
        first = max(at_least, *self.by_id.values(), 0) + 1
        if len(self.by_id) + count > self.place.most or first + count - 1 > MAX_NUMBER:
            what, parent = self.place.what, self.place.parent.lower()
            message = f"A {parent} has at most {self.place.most} {what}s"
            raise InvalidInput(message, code=f"too_many_{what}s")
        return iter(range(first, first + count))

    def page(self, limit: int, cursor: str | None) -> tuple[list[str], str | None]:
        """Returns the ids of a page and the next page's cursor. Raises InvalidInput."""
        list_key = f"{self.place.pk} {self.place.sk}"
        after = decode_cursor(list_key, cursor, 1)
        if after and not (after[0].isascii() and after[0].isdecimal() and len(after[0]) <= 6):
            refuse_cursor(cursor)
        number = int(after[0]) if after else 0
        rest = [id_ for id_ in self.ordered if self.by_id[id_] > number]
        shown = rest[:limit]
        if len(rest) <= limit:
            return shown, None
        return shown, encode_cursor(list_key, [str(self.by_id[shown[-1]])])


def number_in(row: Item | None, id_: str) -> int | None:
    """Returns the number of an id in a row of numbers, None if it has none."""
    number = row["numbers"].get(id_) if row else None
    return None if number is None else int(number)


def first_write(table: Table, place: Place) -> Write:
    """Returns the write of a new parent's row, without numbers."""
    return table.put_write(
        {"pk": place.pk, "sk": place.sk, "version": 1, "numbers": {}}, "attribute_not_exists(pk)"
    )


def add_write(table: Table, numbers: Numbers, added: Mapping[str, int]) -> Write:
    """Returns the write that adds numbers, which fails unless they are as read."""
    return _change(table, numbers, {f"numbers.{id_}": added[id_] for id_ in added})


def remove_write(table: Table, place: Place, id_: str) -> Write:
    """Returns the write that removes an id, if it is there. Others keep their numbers."""
    return table.set_write(
        place.pk,
        place.sk,
        {f"numbers.{id_}": None},
        add={"version": 1},
        condition="attribute_exists(numbers.#gone)",
        names={"#gone": id_},
    )


def order_write(table: Table, numbers: Numbers, ids: Sequence[str], field: str) -> Write:
    """Numbers all anew, from 1. Raises InvalidInput unless `ids` names each exactly once."""
    if len(ids) != len(numbers.by_id) or set(ids) != set(numbers.by_id):
        what, parent = numbers.place.what, numbers.place.parent.lower()
        message = f"{field} must name every {what} of the {parent} exactly once"
        raise InvalidInput(message, code=f"{what}_order", field=field)
    return _change(table, numbers, {"numbers": {id_: n for n, id_ in enumerate(ids, 1)}})


def retire_write(table: Table, place: Place) -> Write:
    """Returns the write after which numbers can't be added or reordered."""
    return table.set_write(
        place.pk, place.sk, {"retired": True}, add={"version": 1}, condition="attribute_exists(pk)"
    )


def _change(table: Table, numbers: Numbers, changes: Mapping[str, Any]) -> Write:
    return table.set_write(
        numbers.place.pk,
        numbers.place.sk,
        changes,
        add={"version": 1},
        condition=SAME_VERSION,
        values={":read": numbers.version},
    )


def renumber(
    table: Table, place: Place, writes: Callable[[Numbers], Collection[Write] | None]
) -> Numbers:
    """Makes the writes, the first of which changes the numbers, in one transaction, for the present
    numbers; None makes none. Returns the numbers read.

    `writes` is called again if another call was faster. Raises NotFound, Conflict `edit_conflict`,
    ConditionFailed for a write other than the first, and what `writes` raises.
    """
    for pause in islice(jittered(0.01, longest=0.64), ATTEMPTS):
        numbers = Numbers.read(table, place)
        wanted = writes(numbers)
        if wanted is None:
            return numbers
        try:
            transact([*wanted])
        except ConditionFailed as error:
            if error.reasons and error.reasons[0] != "ConditionalCheckFailed":
                raise
            time.sleep(pause)
        else:
            return numbers
    raise Conflict("Others are editing this; try again", code="edit_conflict")
