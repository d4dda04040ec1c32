"""The shape of storyboard rows in the Studio table.

pk storyboard#<project id>   sk project                   the project
                             sk scenes                    the numbers of its scenes
                             sk part#…                    what other products keep of it
pk scene#<scene id>          sk scene                     the scene
                             sk shots                     the numbers of its shots
pk shot#<shot id>            sk shot                      the shot
                             sk version#image#00000001    a version of one of its media
"""

from pydantic import BaseModel

from showreel.core.dynamo import Item
from showreel.core.errors import NotFound
from showreel.projects import PRESENT, PROJECT, storyboard_pk
from showreel.storyboards.models import Medium, SceneRow, ShotRow, StoryboardRow

__all__ = ["PRESENT", "PROJECT", "storyboard_pk"]
SCENES, SCENE, SHOTS, SHOT = "scenes", "scene", "shots", "shot"
NUMBERS_ELSEWHERE = {"scene_number", "shot_number"}


def scene_pk(scene_id: str) -> str:
    """Returns the partition of a scene."""
    return f"scene#{scene_id}"


def shot_pk(shot_id: str) -> str:
    """Returns the partition of a shot, which owns the objects that are made for it."""
    return f"shot#{shot_id}"


def version_sk(medium: Medium, number: int) -> str:
    """Returns the sort key of a version."""
    return f"version#{medium}#{number:08d}"


def list_key(workspace_id: str) -> str:
    """Returns the index key under which a workspace's projects are listed."""
    return f"{workspace_id}#storyboard"


def missing(what: str) -> NotFound:
    """Returns the error for missing and foreign rows alike."""
    return NotFound(f"{what} not found")


def storyboard_item(project: StoryboardRow) -> Item:
    """Returns the item that stores a project."""
    keys = {"pk": storyboard_pk(project.id), "sk": PROJECT}
    return _attributes(project) | keys | {"list_key": list_key(project.workspace_id)}


def scene_item(scene: SceneRow) -> Item:
    """Returns the item that stores a scene."""
    return _attributes(scene) | {"pk": scene_pk(scene.id), "sk": SCENE}


def shot_item(shot: ShotRow) -> Item:
    """Returns the item that stores a shot."""
    return _attributes(shot) | {"pk": shot_pk(shot.id), "sk": SHOT}


def _attributes(row: BaseModel) -> Item:
    """Returns the attributes to write, without numbers, empty ones and a false `retired`."""
    written = row.model_dump(mode="json", exclude_none=True, exclude=NUMBERS_ELSEWHERE)
    return written if written["retired"] else {k: v for k, v in written.items() if k != "retired"}
