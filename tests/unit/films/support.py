"""Two tenants, pictures in the bucket, and films as values."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from showreel.assets import keys
from showreel.assets import service as assets
from showreel.assets.store import NOBODY
from showreel.core import dynamo
from showreel.core.dynamo import Table
from showreel.core.errors import AppError
from showreel.films.projects.models import ClipRow, Film, ProjectRow
from showreel.films.projects.responses import VideoProject
from showreel.identity import Caller
from tests.support.cloud import client

BASE = "https://api.example.com/v1"
WORKSPACE, OTHER_WORKSPACE = "workspace-1", "workspace-2"
ANN, EVE = Caller("ann"), Caller("eve")
MOMENT = "2026-11-21T02:00:00.000Z"
Project = Callable[..., VideoProject]


def picture(
    colour: str = "steelblue", kind: str = "JPEG", size: tuple[int, int] = (64, 36)
) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, kind)
    return target.getvalue()


def upload(
    data: bytes | None = None, workspace_id: str = WORKSPACE, kind: str = "image/jpeg"
) -> str:
    """The URL of a file that a member of the workspace has uploaded."""
    body = picture() if data is None else data
    key = keys.new_key("uploads", kind)
    assets.storage().put(key, body, kind)
    assets.asset_rows().record(workspace_id, key, kind, len(body), owner=NOBODY)
    return keys.public_url(BASE, key)


def objects(prefix: str = "") -> set[str]:
    listed = client("s3").list_objects_v2(Bucket="media-bucket", Prefix=prefix)
    return {item["Key"] for item in listed.get("Contents", [])}


def rows(table: Table) -> list[dict[str, Any]]:
    found = client("dynamodb").scan(TableName=table.name)["Items"]
    return [dynamo.decode_item(item) for item in found]


def fault(call: Callable[[], object]) -> AppError:
    """What the call raises."""
    with pytest.raises(AppError) as raised:
        call()
    return raised.value


def film(clips: int = 0, *, generate_native_audio: bool = False, **fields: Any) -> Film:
    """A film as a value; `fields` go to every clip."""
    made = tuple(clip_row(f"clip_{number}", **fields) for number in range(clips))
    project = ProjectRow(
        id="vp_1",
        workspace_id=WORKSPACE,
        owner_user_id="ann",
        name="Home",
        generate_native_audio=generate_native_audio,
        clip_order=tuple(clip.id for clip in made),
        created_at=MOMENT,
        updated_at=MOMENT,
    )
    return Film(project=project, clips=made)


def clip_row(clip_id: str, **fields: Any) -> ClipRow:
    """A clip as a value."""
    required = {
        "id": clip_id,
        "project_id": "vp_1",
        "workspace_id": WORKSPACE,
        "source_key": f"project-assets/{clip_id}-0123456789abcdef.jpg",
        "source_hash": f"hash of {clip_id}",
        "motion_prompt": "Slow push in, steady.",
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
    return ClipRow.model_validate(required | fields)
