"""Reads an MP4 file's structure (ISO/IEC 14496-12) within bounds, without decoding.

Sizes, counts and nesting are only stated by the file, so each is checked against the bytes that are
there before it is used. Raises MediaError: `media_empty`, `media_type` (not an MP4 at all),
`media_truncated` (a box goes on past the end of the file), `media_damaged`.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from showreel.core.errors import MediaError

MAX_MOVIE_BOX_BYTES = 64 * 1024 * 1024
MAX_BOXES = 4096
MAX_SAMPLES = 2_000_000
_TOP_LEVEL = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"mfra", b"sidx"}
_TOP_LEVEL |= {b"uuid", b"meta", b"styp", b"pdin", b"emsg", b"prft", b"pnot", b"udta"}


@dataclass(frozen=True)
class Box:
    """A box's four-character type and its contents without the header."""

    kind: bytes
    body: memoryview

    def children(self, skip: int = 0) -> Iterator["Box"]:
        """Yields the boxes inside, after `skip` bytes of the box's own fields."""
        rest, count = self.body[skip:], 0
        while len(rest) >= 8 and count < MAX_BOXES:
            size, header = _box_size(rest)
            if size > len(rest):
                raise damaged()
            yield Box(bytes(rest[4:8]), rest[header:size])
            rest, count = rest[size:], count + 1

    def find(self, *path: bytes) -> "Box | None":
        """Returns the first box at a path of types, None if there is none."""
        first, *rest = path
        found = next((box for box in self.children() if box.kind == first), None)
        return found.find(*rest) if found and rest else found

    def get(self, *path: bytes) -> "Box":
        """Returns the first box at a path of types. Raises MediaError if a file lacks it."""
        found = self.find(*path)
        if found is None:
            raise damaged()
        return found

    def unpack(self, layout: str, offset: int = 0) -> tuple[int, ...]:
        """Returns big-endian numbers at `offset` of the body."""
        try:
            return struct.unpack_from(">" + layout, self.body, offset)
        except struct.error as error:
            raise damaged() from error

    def table(self, layout: str, offset: int = 4) -> Iterator[tuple[int, ...]]:
        """Yields the rows of a table, whose count is at `offset`."""
        (count,) = self.unpack("I", offset)
        width = struct.calcsize(">" + layout)
        if count * width > len(self.body) - offset - 4:
            raise damaged()
        rows = self.body[offset + 4 : offset + 4 + count * width]
        return struct.iter_unpack(">" + layout, rows)


@dataclass(frozen=True)
class Mp4File:
    """An MP4 file's movie box, and whether its samples are in fragments after it."""

    movie: Box
    fragmented: bool


def read_file(path: Path) -> Mp4File:
    """Reads the top level and the movie box of `path`. Raises MediaError."""
    with path.open("rb") as file:
        return read_from(file, path.stat().st_size)


def read_from(file: IO[bytes], length: int) -> Mp4File:
    """Reads the same from an open file of `length` bytes. Raises MediaError."""
    if length == 0:
        raise MediaError("The file is empty", code="media_empty")
    movie: Box | None = None
    fragmented = False
    for kind, offset, size in _top_level(file, length):
        fragmented = fragmented or kind == b"moof"
        if kind == b"moov" and movie is None:
            movie = Box(kind, _read(file, offset, size))
    if movie is None:
        raise damaged()
    return Mp4File(movie, fragmented)


def damaged() -> MediaError:
    """Returns the error for a structure that makes no sense."""
    return MediaError("The video file is damaged", code="media_damaged")


def _top_level(file: IO[bytes], length: int) -> Iterator[tuple[bytes, int, int]]:
    """Yields type, offset and size of each top-level box's contents."""
    offset = 0
    for _ in range(MAX_BOXES):
        file.seek(offset)
        start = file.read(16)
        if len(start) < 8:
            return
        _check_kind(start[4:8], offset)
        size, header = _box_size(memoryview(start), to_end=length - offset)
        if offset + size > length:
            raise MediaError("The video file ends too early", code="media_truncated")
        yield start[4:8], offset + header, size - header
        offset += size


def _check_kind(kind: bytes, offset: int) -> None:
    """Raises MediaError unless the box may be at the top level, or for the first, starts a file."""
    if offset == 0 and kind not in {b"ftyp", b"moov", b"wide", b"free", b"mdat", b"skip"}:
        raise MediaError("The file is no MP4 video", code="media_type")
    if kind not in _TOP_LEVEL:
        raise damaged()


def _box_size(start: memoryview, to_end: int | None = None) -> tuple[int, int]:
    """Returns a box's size with its header, and the header's. Size 0 is "to the end of file"."""
    (size,) = struct.unpack_from(">I", start)
    header = 8
    if size == 1 and len(start) >= 16:
        (size,) = struct.unpack_from(">Q", start, 8)
        header = 16
    if size == 0 and to_end is not None:
        size = to_end
    if size < header:
        raise damaged()
    return size, header


def _read(file: IO[bytes], offset: int, size: int) -> memoryview:
    """Returns the contents of one box."""
    if size > MAX_MOVIE_BOX_BYTES:
        raise MediaError("The video's index is too large", code="media_too_large")
    file.seek(offset)
    return memoryview(file.read(size))
