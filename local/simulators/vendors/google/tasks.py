"""What Google's APIs have in common here: the key, one family of tasks, sizes and pictures."""

import re
import secrets
import string
from collections.abc import Mapping

from werkzeug.wrappers import Request

from local.simulators.lifecycle import Voice
from local.simulators.pictures import PictureRefused, checked, decoded_picture
from local.simulators.tasks import Status, Task
from local.simulators.vendors.google.errors import FAILURE_TEXTS

NAME = "google"
VEO, OMNI = "veo", "interactions"
SWITCHED_OFF = frozenset({"veo-2.0-generate-001"})
INTERACTION_PREFIX = "v1_"
VOICE = Voice(lambda _: {}, FAILURE_TEXTS.__getitem__, lambda: None)
"""Google calls nobody back."""
WORDS = {
    Status.QUEUED: "in_progress",
    Status.RUNNING: "in_progress",
    Status.SUCCEEDED: "completed",
    Status.FAILED: "failed",
    Status.CANCELED: "cancelled",
    Status.ABORTED: "failed",
}

_LETTERS = string.ascii_lowercase + string.digits
_SHORT_SIDES = {"360p": 360, "720p": 720, "1080p": 1080}
_FILE = re.compile(r"v1(?:beta)?/files/([a-z0-9]{1,64})(:download)?\Z")


def has_key(request: Request, keys: Mapping[str, str]) -> bool:
    """Returns whether the request carries the account's key, in the header or in the address."""
    given = request.headers.get("x-goog-api-key") or request.args.get("key")
    return bool(given) and given == keys.get("google_api_key")


def new_name() -> str:
    """A fresh name for an operation, and for the file that comes of it."""
    return "".join(secrets.choice(_LETTERS) for _ in range(24))


def file_url(base_url: str, task: Task) -> str:
    """Returns where the task's file is downloaded with the key."""
    name = task.task_id.removeprefix(INTERACTION_PREFIX)
    return f"{base_url}/{NAME}/v1beta/files/{name}:download?alt=media"


def file_of(path: str) -> tuple[str, bool] | None:
    """Returns the name of the file that a path is about, and whether its content is meant."""
    found = _FILE.match(path)
    return (found[1], found[2] is not None) if found else None


def clip_size(aspect_ratio: str, resolution: str) -> tuple[int, int]:
    """Width and height in pixels of 16:9 or 9:16 at a resolution."""
    short = _SHORT_SIDES[resolution]
    wide = (short * 16 // 9, short)
    return wide if aspect_ratio == "16:9" else (wide[1], wide[0])


def inline_picture(text: str) -> bytes:
    """Returns the checked picture in raw base64. Raises ValueError with the vendor's reason."""
    try:
        return checked(decoded_picture(text))
    except PictureRefused as refusal:
        raise ValueError(str(refusal)) from refusal


def was_blocked(task: Task) -> bool:
    """Returns whether the vendor refused its own output."""
    return task.message == FAILURE_TEXTS["content_policy"]
