"""The adapter by which cuts read storyboards: implements `showreel.cuts.ports.Boards`."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from showreel.core.errors import NotFound
from showreel.cuts.ports import Board, BoardMedium, BoardShot
from showreel.identity import Caller
from showreel.storyboards.access import require_project, storyboards
from showreel.storyboards.models import MAX_SCENES, MAX_SHOTS, Medium, ShotRow, VersionRow
from showreel.storyboards.rows import shot_pk, version_sk
from showreel.storyboards.store import StoryboardStore

PROBED: tuple[Medium, ...] = ("video", "audio")
"""The media that have a length."""


@dataclass(frozen=True)
class StoryboardBoards:
    """The `showreel.cuts.ports.Boards` of the storyboards in a store."""

    store: StoryboardStore

    def require(self, caller: Caller, project_id: str) -> Board:
        """Returns the project, if the caller may see it. Raises NotFound."""
        project = require_project(caller, project_id)
        fields = {"id", "workspace_id", "aspect_ratio", "music_track_id"}
        return Board(**project.model_dump(include=fields))

    def shots(self, project_id: str, most: int) -> Sequence[BoardShot]:
        """Returns the first shots by scene and shot number. Raises NotFound."""
        found: list[BoardShot] = []
        scenes, _ = self.store.scenes(project_id, MAX_SCENES, None)
        for scene in scenes:
            shots = self._shots(scene.id, min(MAX_SHOTS, most - len(found)))
            lengths = self._lengths(shots)
            found += (_shot(shot, scene.scene_number, lengths) for shot in shots)
            if len(found) >= most:
                break
        return found

    def _shots(self, scene_id: str, most: int) -> Sequence[ShotRow]:
        """Returns the first shots of a scene; a scene that was deleted meanwhile has none."""
        with contextlib.suppress(NotFound):
            return self.store.shots(scene_id, most)[0]
        return []

    def _lengths(self, shots: Sequence[ShotRow]) -> Mapping[str, float]:
        """Returns the known lengths, in seconds, of the shots' shown media, by object key."""
        rows = self.store.table.get_many(key for shot in shots for key in _versions(shot))
        versions = map(VersionRow.from_item, rows)
        return {one.key: one.duration_seconds for one in versions if one.duration_seconds}


def boards() -> StoryboardBoards:
    """Returns the adapter on this process's store."""
    return StoryboardBoards(storyboards())


def _versions(shot: ShotRow) -> Iterator[tuple[str, str]]:
    for medium in PROBED:
        version = shot.medium(medium).version
        if version is not None:
            yield shot_pk(shot.id), version_sk(medium, version)


def _shot(shot: ShotRow, scene_number: int, lengths: Mapping[str, float]) -> BoardShot:
    image, video, audio = (_medium(shot, medium, lengths) for medium in ("image", "video", "audio"))
    return BoardShot(
        id=shot.id,
        scene_id=shot.scene_id,
        scene_number=scene_number,
        shot_number=shot.shot_number,
        image=image,
        video=video,
        audio=audio,
        title=shot.title,
        dialogue=shot.dialogue,
        camera=shot.camera_movement or "",
        duration_ms=shot.duration_ms,
    )


def _medium(shot: ShotRow, medium: Medium, lengths: Mapping[str, float]) -> BoardMedium:
    state = shot.medium(medium)
    seconds = lengths.get(state.key) if state.key else None
    return BoardMedium(status=state.status, key=state.key, seconds=seconds)
