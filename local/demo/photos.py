"""The stills of a film: found in a folder, checked, and recognised as rooms by their names."""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from local.demo.options import MAX_CLIPS, Options, UsageError

ROOMS_FOLDER = Path(__file__).with_name("rooms")
SAMPLE_CLIPS = 5
"""Clips of a film of the sample rooms, if nobody says how many."""
MAX_BYTES = 20 * 1024 * 1024
OTHER_PICTURES = {".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".jxl", ".dng"}
SUFFIXES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
ROOM_WORDS = {
    "living-room": ("living", "lounge"),
    "tv-room": ("tv",),
    "dining-room": ("dining",),
    "kitchen": ("kitchen",),
    "childrens-room": ("children", "nursery", "kids"),
    "bathroom": ("bath", "shower"),
    "bedroom": ("bed",),
    "hallway": ("hall", "entrance", "corridor"),
    "office": ("office", "study"),
    "terrace": ("terrace", "balcony", "patio", "deck"),
    "garden": ("garden", "yard"),
    "exterior": ("exterior", "facade", "outside", "front"),
    "library": ("library",),
    "garage": ("garage",),
    "conservatory": ("conservatory",),
    "pool-area": ("pool",),
}


@dataclass(frozen=True)
class Photo:
    """A still on disk and the room it shows."""

    path: Path
    content_type: str
    room_type: str


def choose(options: Options) -> list[Photo]:
    """Returns the stills of the film, in order. Raises UsageError.

    Asked for more clips than there are pictures, it starts again with the first.
    """
    if options.photos is None:
        return _repeated(find(ROOMS_FOLDER), options.clips or SAMPLE_CLIPS)
    found = find(options.photos)
    if options.clips is None and len(found) > MAX_CLIPS:
        raise UsageError(
            f"{options.photos} has {len(found)} pictures and a film at most {MAX_CLIPS} clips:"
            f" name how many with CLIPS=, or take some out"
        )
    return _repeated(found, options.clips or len(found))


def find(folder: Path) -> list[Photo]:
    """Returns every picture right in a folder, by name with numbers in their order. Raises
    UsageError.
    """
    if not folder.is_dir():
        raise UsageError(f"PHOTOS={folder} is not a folder")
    files = sorted((p for p in folder.iterdir() if not p.name.startswith(".")), key=_natural)
    strange = next((p for p in files if p.suffix.lower() in OTHER_PICTURES), None)
    if strange is not None:
        raise UsageError(f"{strange.name} can't be used: only JPEG, PNG and WebP pictures can")
    photos = [_checked(path) for path in files if path.suffix.lower() in SUFFIXES]
    if not photos:
        raise UsageError(f"{folder} has no JPEG, PNG or WebP pictures")
    return photos


def room_of(name: str) -> str:
    """Returns the room that a file's name speaks of, `other` if none."""
    words = re.sub(r"[^a-z]+", " ", name.lower())
    for room, signs in ROOM_WORDS.items():
        if any(re.search(rf"\b{sign}", words) for sign in signs):
            return room
    return "other"


def _checked(path: Path) -> Photo:
    with path.open("rb") as file:
        start = file.read(16)
    actual = _content_type(start)
    if actual is None:
        raise UsageError(f"{path.name} is not a JPEG, PNG or WebP picture, whatever its name says")
    if path.stat().st_size > MAX_BYTES:
        raise UsageError(f"{path.name} is larger than {MAX_BYTES // 2**20} MB")
    return Photo(path, actual, room_of(path.stem))


def _content_type(start: bytes) -> str | None:
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    is_webp = start.startswith(b"RIFF") and start[8:12] == b"WEBP"
    return "image/webp" if is_webp else None


def _natural(path: Path) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(p), "") if p.isdigit() and p.isascii() else (1, 0, p) for p in parts if p]


def _repeated(photos: list[Photo], count: int) -> list[Photo]:
    return list(itertools.islice(itertools.cycle(photos), count))
