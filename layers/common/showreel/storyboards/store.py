"""Reads and writes projects, scenes and shots.

Scenes and shots are read by their own ids, and exist only while their parents have numbers for
them, so that deleting a project hides everything below it at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from showreel.core.clock import now_iso
from showreel.core.dynamo import Item, Table, Write, transact
from showreel.core.errors import ConditionFailed
from showreel.edge.paging import listed
from showreel.storyboards.models import (
    SceneInProject,
    SceneRow,
    ShotInProject,
    ShotRow,
    StoryboardRow,
)
from showreel.storyboards.numbers import (
    Numbers,
    add_write,
    first_write,
    number_in,
    order_write,
    renumber,
    scenes_of,
    shots_of,
)
from showreel.storyboards.rows import (
    PRESENT,
    PROJECT,
    SCENE,
    SCENES,
    SHOT,
    SHOTS,
    list_key,
    missing,
    scene_item,
    scene_pk,
    shot_item,
    shot_pk,
    storyboard_item,
    storyboard_pk,
)

NEW = "attribute_not_exists(pk)"


class StoryboardStore:
    """Reads and writes rows of storyboards. The ids that it gets must be bounded."""

    def __init__(self, table: Table) -> None:
        self.table = table

    # projects

    def project(self, project_id: str) -> StoryboardRow:
        """Returns the project. Raises NotFound."""
        row = self.table.get(storyboard_pk(project_id), PROJECT)
        if row is None or row.get("retired"):
            raise missing("Project")
        return StoryboardRow.from_item(row)

    def create_project(self, project: StoryboardRow) -> StoryboardRow:
        """Writes a new project and returns it, or the one that has its id already. Raises NotFound
        if that one is being deleted.
        """
        put = self.table.put_write(storyboard_item(project), NEW)
        try:
            transact([put, first_write(self.table, scenes_of(project.id))])
        except ConditionFailed:
            return self.project(project.id)
        return project

    def change_project(self, project_id: str, changes: Mapping[str, Any]) -> StoryboardRow:
        """Sets attributes; None removes one. Raises NotFound."""
        return StoryboardRow.from_item(
            self._change(storyboard_pk(project_id), PROJECT, changes, "Project")
        )

    def note_run_write(self, project_id: str, field: str, run_id: str, seen: str | None) -> Write:
        """Returns the write of a phase's latest run on the project, for the transaction that begins
        it. It fails unless `seen` is the latest until then.
        """
        same = "#field = :seen" if seen else "attribute_not_exists(#field)"
        return self.table.set_write(
            storyboard_pk(project_id),
            PROJECT,
            {field: run_id},
            condition=f"{PRESENT} AND {same}",
            names={"#field": field},
            values={":seen": seen} if seen else {},
        )

    def projects(
        self, workspace_id: str, limit: int, cursor: str | None
    ) -> tuple[list[StoryboardRow], str | None]:
        """Returns a page of projects, newest first. Raises InvalidInput."""
        rows, following = listed(self.table, list_key(workspace_id), limit, cursor)
        return [StoryboardRow.from_item(row) for row in rows], following

    # scenes

    def scene(self, scene_id: str) -> SceneInProject:
        """Returns the scene with its project. Raises NotFound."""
        return self.in_project(self.scene_row(scene_id))

    def scene_row(self, scene_id: str) -> SceneRow:
        """Returns the scene without its number. Raises NotFound if its row is gone; only
        `in_project` checks the project.
        """
        row = self.table.get(scene_pk(scene_id), SCENE)
        if row is None or row.get("retired"):
            raise missing("Scene")
        return SceneRow.from_item(row)

    def in_project(self, scene: SceneRow) -> SceneInProject:
        """Returns the scene with its number and project. Raises NotFound."""
        place = scenes_of(scene.project_id)
        rows = self._rows((place.pk, PROJECT), (place.pk, place.sk))
        project, number = rows.get(PROJECT), number_in(rows.get(place.sk), scene.id)
        if project is None or number is None:
            raise missing("Scene")
        numbered = scene.model_copy(update={"scene_number": number})
        return SceneInProject(StoryboardRow.from_item(project), numbered)

    def first_scene(self, project_id: str) -> SceneRow | None:
        """Returns the scene with the lowest number, None without scenes. Raises NotFound."""
        scenes, _ = self.scenes(project_id, 1, None)
        return scenes[0] if scenes else None

    def scenes(
        self, project_id: str, limit: int, cursor: str | None
    ) -> tuple[list[SceneRow], str | None]:
        """Returns a page of a project's scenes by number. Raises NotFound, InvalidInput."""
        numbers = Numbers.read(self.table, scenes_of(project_id))
        ids, following = numbers.page(limit, cursor)
        rows = {
            row["id"]: row for row in self.table.get_many((scene_pk(id_), SCENE) for id_ in ids)
        }
        found = [
            SceneRow.from_item(rows[id_], scene_number=numbers.by_id[id_])
            for id_ in ids
            if id_ in rows
        ]
        return found, following

    def add_scene(self, scene: SceneRow) -> SceneRow:
        """Writes a new scene, after the last one, and returns it, or the one that has its id
        already. Raises NotFound, InvalidInput, Conflict.
        """
        place, given = scenes_of(scene.project_id), dict[str, int]()

        def writes(numbers: Numbers) -> Sequence[Write] | None:
            given.clear()
            if scene.id in numbers.by_id:
                return None
            given[scene.id] = next(numbers.following(1))
            return [
                add_write(self.table, numbers, given),
                self.table.put_write(scene_item(scene), NEW),
                first_write(self.table, shots_of(scene.id)),
            ]

        renumber(self.table, place, writes)
        if not given:
            return self.scene(scene.id).scene
        return scene.model_copy(update={"scene_number": given[scene.id]})

    def change_scene(self, scene: SceneRow, changes: Mapping[str, Any]) -> SceneRow:
        """Sets attributes; None removes one. Returns the scene as it is now. Raises NotFound."""
        row = self._change(scene_pk(scene.id), SCENE, changes, "Scene")
        return SceneRow.from_item(row, scene_number=scene.scene_number)

    def order_scenes(self, project_id: str, scene_ids: Sequence[str]) -> None:
        """Numbers the scenes from 1. Raises NotFound, InvalidInput `scene_order`, Conflict."""
        renumber(
            self.table,
            scenes_of(project_id),
            lambda numbers: [order_write(self.table, numbers, scene_ids, "scene_ids")],
        )

    # shots

    def shot(self, shot_id: str) -> ShotInProject:
        """Returns the shot with its scene and project. Raises NotFound."""
        return self.in_scene(self.shot_row(shot_id))

    def shot_row(self, shot_id: str) -> ShotRow:
        """Returns the shot without its number. Raises NotFound if its row is gone; only `in_scene`
        checks the scene and project.
        """
        row = self.table.get(shot_pk(shot_id), SHOT)
        if row is None or row.get("retired"):
            raise missing("Shot")
        return ShotRow.from_item(row)

    def in_scene(self, shot: ShotRow) -> ShotInProject:
        """Returns the shot with its number, scene and project. Raises NotFound."""
        scenes, shots = scenes_of(shot.project_id), shots_of(shot.scene_id)
        rows = self._rows(
            (scenes.pk, PROJECT), (scenes.pk, scenes.sk), (shots.pk, SCENE), (shots.pk, shots.sk)
        )
        project, scene = rows.get(PROJECT), rows.get(SCENE)
        scene_number = number_in(rows.get(SCENES), shot.scene_id)
        number = number_in(rows.get(SHOTS), shot.id)
        if project is None or scene is None or scene_number is None or number is None:
            raise missing("Shot")
        return ShotInProject(
            StoryboardRow.from_item(project),
            SceneRow.from_item(scene, scene_number=scene_number),
            shot.model_copy(update={"shot_number": number}),
        )

    def shots(
        self, scene_id: str, limit: int, cursor: str | None = None
    ) -> tuple[list[ShotRow], str | None]:
        """Returns a page of a scene's shots by number. Raises NotFound, InvalidInput."""
        numbers = Numbers.read(self.table, shots_of(scene_id))
        ids, following = numbers.page(limit, cursor)
        return self._shots(numbers, ids), following

    def latest_shots(self, scene_id: str, most: int) -> list[ShotRow]:
        """Returns the shots with the highest numbers, in their order. Raises NotFound."""
        numbers = Numbers.read(self.table, shots_of(scene_id))
        return self._shots(numbers, numbers.ordered[-most:])

    def _shots(self, numbers: Numbers, ids: Sequence[str]) -> list[ShotRow]:
        keys = ((shot_pk(id_), SHOT) for id_ in ids)
        rows = [
            ShotRow.from_item(row, shot_number=numbers.by_id[row["id"]])
            for row in self.table.get_many(keys)
        ]
        return sorted(rows, key=lambda shot: shot.shot_number)

    def add_shots(
        self, shots: Sequence[ShotRow], *, at_least: int = 0, with_writes: Sequence[Write] = ()
    ) -> list[ShotRow]:
        """Writes new shots of one scene and returns them with their numbers: those after the
        scene's highest one, or after `at_least`, in one transaction with `with_writes`.

        Shots that were added before are returned as they are. Raises NotFound, InvalidInput
        `too_many_shots`, Conflict `edit_conflict`, ConditionFailed for `with_writes`.
        """
        ids = [shot.id for shot in shots]
        given: dict[str, int] = {}

        def writes(numbers: Numbers) -> Sequence[Write] | None:
            given.clear()
            if numbers.by_id.keys() >= set(ids):
                return None
            given.update(zip(ids, numbers.following(len(ids), at_least), strict=True))
            puts = [self.table.put_write(shot_item(shot), NEW) for shot in shots]
            return [add_write(self.table, numbers, given), *puts, *with_writes]

        numbers = renumber(self.table, shots_of(shots[0].scene_id), writes)
        if not given:
            return self._shots(numbers, ids)
        return [shot.model_copy(update={"shot_number": given[shot.id]}) for shot in shots]

    def change_shot(self, shot: ShotRow, changes: Mapping[str, Any]) -> ShotRow:
        """Sets attributes; None removes one; names with dots are paths, e.g. `image.status`.
        Returns the shot as it is now. Raises NotFound.
        """
        row = self._change(shot_pk(shot.id), SHOT, changes, "Shot")
        return ShotRow.from_item(row, shot_number=shot.shot_number)

    def order_shots(self, scene_id: str, shot_ids: Sequence[str]) -> None:
        """Numbers the shots from 1. Raises NotFound, InvalidInput `shot_order`, Conflict."""
        renumber(
            self.table,
            shots_of(scene_id),
            lambda numbers: [order_write(self.table, numbers, shot_ids, "shot_ids")],
        )

    def _change(self, pk: str, sk: str, changes: Mapping[str, Any], what: str) -> Item:
        changed = {**changes, "updated_at": now_iso()}
        try:
            return self.table.apply(self.table.set_write(pk, sk, changed, condition=PRESENT))
        except ConditionFailed as error:
            raise missing(what) from error

    def _rows(self, *keys: tuple[str, str]) -> dict[str, Item]:
        """Returns those of the rows that exist and aren't being deleted, by sort key."""
        return {row["sk"]: row for row in self.table.get_many(keys) if not row.get("retired")}
