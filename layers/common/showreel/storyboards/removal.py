"""Deletes projects, scenes and shots: hides them at once, then removes their rows in batches.

    retire: one transaction takes the row from its parent's numbers and lists it under RETIRED
    remove: scenes → shots → versions with their objects → what other products keep of the project
    → the row itself, last

Removal may be interrupted anywhere: the daily clean-up removes what is still listed. No partition
that grows is read as a whole: a parent's numbers are one bounded row, and a project's partition has
beside them only other products' rows, such as its graph.
"""

import contextlib
from collections.abc import Callable, Sequence

from showreel.assets.pictures import keys_in
from showreel.assets.service import delete_assets
from showreel.core.dynamo import Item, Table, Write, transact
from showreel.core.errors import AppError, ConditionFailed
from showreel.core.observability import logger
from showreel.storyboards.numbers import Place, remove_write, retire_write, scenes_of, shots_of
from showreel.storyboards.rows import (
    PRESENT,
    PROJECT,
    SCENE,
    SHOT,
    scene_pk,
    shot_pk,
    storyboard_pk,
)

RETIRED = "retired#storyboard"
VERSION = "version#"
ROWS_AT_ONCE = 25
HasTime = Callable[[], bool]


class Removal:
    """Retires and removes projects, scenes and shots. All of it is safe to repeat."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def retire_project(self, project_id: str) -> None:
        """Hides a project with everything below it."""
        row = self._retired(storyboard_pk(project_id), PROJECT)
        self._transact([row, retire_write(self._table, scenes_of(project_id))])

    def retire_scene(self, project_id: str, scene_id: str) -> None:
        """Hides a scene with its shots. The other scenes keep their numbers."""
        row = self._retired(scene_pk(scene_id), SCENE)
        taken = remove_write(self._table, scenes_of(project_id), scene_id)
        self._transact([row, taken, retire_write(self._table, shots_of(scene_id))])

    def retire_shot(self, scene_id: str, shot_id: str) -> None:
        """Hides a shot. The other shots keep their numbers."""
        row = self._retired(shot_pk(shot_id), SHOT)
        self._transact([row, remove_write(self._table, shots_of(scene_id), shot_id)])

    def remove_retired(self, has_time: HasTime) -> int:
        """Removes everything that is retired. Returns how many were finished. Errors are logged and
        left to the next call, so that one failure doesn't block others.
        """
        removed = 0
        rows = self._table.query_all(
            "list_key = :key", values={":key": RETIRED}, index="by_list", limit=ROWS_AT_ONCE
        )
        for row in rows:
            if not has_time():
                break
            try:
                removed += self.remove(row["pk"], has_time)
            except AppError as error:
                logger().exception("a deletion was not finished", key=row["pk"], code=error.code)
        return removed

    def remove(self, pk: str, has_time: HasTime) -> bool:
        """Removes the retired row of this partition, and everything below it. Returns False if time
        ran out before.
        """
        kind, _, id_ = pk.partition("#")
        steps = {"storyboard": self._project, "scene": self._scene, "shot": self._shot}
        return steps[kind](id_, has_time)

    def _project(self, project_id: str, has_time: HasTime) -> bool:
        place = scenes_of(project_id)
        for scene_id in self._ids(place):
            with contextlib.suppress(ConditionFailed):
                self._table.apply(retire_write(self._table, shots_of(scene_id)))
            if not self._scene(scene_id, has_time):
                return False
        for row in self._table.query_all("pk = :pk", values={":pk": place.pk}):
            delete_assets(keys_in(row))
            if row["sk"] not in {PROJECT, place.sk}:
                self._table.delete(place.pk, row["sk"])
        self._table.delete(place.pk, place.sk)
        self._table.delete(place.pk, PROJECT)
        return True

    def _scene(self, scene_id: str, has_time: HasTime) -> bool:
        """Removes a scene whose numbers are retired, so that no shot can be added."""
        place = shots_of(scene_id)
        ids = self._ids(place)
        for first in range(0, len(ids), ROWS_AT_ONCE):
            some = ids[first : first + ROWS_AT_ONCE]
            transact([self._table.delete_write(shot_pk(id_), SHOT) for id_ in some])
            for id_ in some:
                if not has_time():
                    return False
                self._with_objects(shot_pk(id_), VERSION)
        self._table.delete(place.pk, place.sk)
        self._table.delete(place.pk, SCENE)
        return True

    def _shot(self, shot_id: str, _has_time: HasTime) -> bool:
        """Removes a retired shot, to which nothing is added any more."""
        self._with_objects(shot_pk(shot_id), VERSION)
        self._table.delete(shot_pk(shot_id), SHOT)
        return True

    def _with_objects(self, pk: str, prefix: str) -> None:
        """Removes rows of a partition and the objects that they name, page by page."""
        while rows := self._page(pk, prefix):
            delete_assets(key for row in rows for key in keys_in(row))
            transact([self._table.delete_write(pk, row["sk"]) for row in rows])

    def _page(self, pk: str, prefix: str) -> list[Item]:
        rows, _ = self._table.query(
            "pk = :pk AND begins_with(sk, :prefix)",
            values={":pk": pk, ":prefix": prefix},
            limit=ROWS_AT_ONCE,
        )
        return rows

    def _ids(self, place: Place) -> list[str]:
        row = self._table.get(place.pk, place.sk)
        return list(row["numbers"]) if row else []

    def _retired(self, pk: str, sk: str) -> Write:
        changes = {"retired": True, "list_key": RETIRED}
        return self._table.set_write(pk, sk, changes, condition=PRESENT)

    def _transact(self, writes: Sequence[Write]) -> None:
        """Retires rows, unless they are already."""
        with contextlib.suppress(ConditionFailed):
            transact(writes)
