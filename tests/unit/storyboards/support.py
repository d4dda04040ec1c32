"""Projects, scenes and shots as values."""

from typing import Any

from showreel.core.ids import new_file_id, new_id
from showreel.storyboards.media import MadeMedium
from showreel.storyboards.models import SceneRow, ShotRow, StoryboardRow
from tests.unit.films.support import MOMENT, WORKSPACE

PROJECT, SCENE = "project-1", "scene-1"
AT = {"workspace_id": WORKSPACE, "created_at": MOMENT, "updated_at": MOMENT}


def project_row(project_id: str, **fields: Any) -> StoryboardRow:
    given = {"id": project_id, "owner_user_id": "ann", "title": "Heist"}
    return StoryboardRow.model_validate({**AT, **given, **fields})


def scene_row(scene_id: str | None = None, **fields: Any) -> SceneRow:
    given = {"id": scene_id or new_id(), "project_id": PROJECT}
    return SceneRow.model_validate({**AT, **given, **fields})


def shot_row(shot_id: str | None = None, **fields: Any) -> ShotRow:
    given = {"id": shot_id or new_id(), "project_id": PROJECT, "scene_id": SCENE}
    return ShotRow.model_validate({**AT, **given, **fields})


def made(job_id: str, **fields: Any) -> MadeMedium:
    return MadeMedium(key=f"project-assets/{new_file_id()}.jpg", job_id=job_id, **fields)
