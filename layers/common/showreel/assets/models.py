"""Models of uploads and of stored media."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from showreel.core.wire import Wire

MAX_IMAGE_BYTES = 20 * 1024 * 1024
ContentType = Literal[
    "image/jpeg",
    "image/png",
    "image/webp",
    "audio/mpeg",
    "audio/mp3",
    "audio/mp4",
    "audio/m4a",
    "audio/x-m4a",
    "audio/wav",
    "audio/x-wav",
    "audio/wave",
    "video/mp4",
    "video/quicktime",
    "video/webm",
]
CANONICAL = {
    "audio/mp3": "audio/mpeg",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
}
"""Other names of the types that we store."""


@dataclass(frozen=True)
class StoredMedia:
    """A sound or video of ours whose first bytes match its type; media code checks the rest."""

    key: str
    sha256: str
    content_type: str
    size_bytes: int


@dataclass(frozen=True)
class StoredImage(StoredMedia):
    """A verified picture of ours, always an upright `image/jpeg` without metadata."""

    width: int
    height: int


class CreateUpload(Wire):
    """Body of `POST /api/uploads`. `size` in bytes."""

    workspace_id: str = Field(min_length=1, max_length=128)
    file_name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    content_type: ContentType
    size: int = Field(ge=1, strict=True)


class UploadTarget(Wire):
    """How to send the bytes: this method, this URL, exactly these headers."""

    method: Literal["PUT"] = "PUT"
    url: str
    headers: dict[str, str]


class CreatedUpload(Wire):
    """Answer of `POST /api/uploads`. `url` goes wherever a media URL goes, once sent."""

    url: str
    upload: UploadTarget
    expires_in: int
