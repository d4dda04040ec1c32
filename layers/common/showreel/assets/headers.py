"""Reads pictures' headers without decoding pixels.

Loading a decoder costs a cold start more than all of this. A usual file with all its parts is
accepted; any other has to be decoded (`assets.images`) to know. Damage that leaves the parts whole,
such as wrong pixels, is found only by decoding.
"""

import contextlib
import re
import struct
import zlib
from collections.abc import Iterator

from showreel.assets.models import MAX_IMAGE_BYTES
from showreel.core.errors import MediaError

MAX_PIXELS = 40_000_000
MAX_SIDE_PX = 30_000
MIN_SIDE_PX = 16
MAX_JPEG_SCANS = 100
MAX_PARTS = 10_000
"""The most parts that are read: a part may be as short as two bytes."""
JPEG_SCAN, JPEG_END = b"\xff\xda", b"\xff\xd9"
JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive frames, the usual kinds."""
JPEG_STRAY = re.compile(rb"\xff[^\x00\xff\xd0-\xd9\xc4\xda\xdb\xdd\xe0-\xef\xfe]")
"""A marker that can't occur among coded pixels, scans and their tables."""
PNG_START_BYTES, WEBP_START_BYTES = 8, 12
PNG_UNUSUAL = frozenset({b"acTL", b"zTXt"})
"""Animations, and compressed texts, which may unpack to any size."""
WEBP_ANIMATED = 0x02
WEBP_PICTURES = frozenset({b"VP8 ", b"VP8L"})
Size = tuple[int, int]
"""Width and height in pixels."""


def image_type(data: bytes) -> str:
    """Returns `image/jpeg`, `image/png` or `image/webp` by magic bytes, or raises `media_type`."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise MediaError("The file is not a JPEG, PNG or WebP picture", code="media_type")


def is_whole(data: bytes) -> bool:
    """Returns whether the file is a usual still picture with all its parts. False means that only
    decoding can show it.

    Raises MediaError `media_type`, `media_too_large`, and `media_invalid` for a tiny picture.
    """
    check_length(data)
    read = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}[image_type(data)]
    try:
        size = read(data)
    except (struct.error, IndexError):
        return False
    if size is None:
        return False
    check_size(*size)
    return True


def check_length(data: bytes) -> None:
    """Raises MediaError `media_too_large` beyond 20 MB."""
    if len(data) > MAX_IMAGE_BYTES:
        raise MediaError("The picture is larger than 20 MB", code="media_too_large")


def check_size(width: int, height: int) -> None:
    """Raises MediaError `media_too_large` above the limits, `media_invalid` below 16 pixels."""
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PX:
        raise too_many_pixels()
    if min(width, height) < MIN_SIDE_PX:
        raise MediaError(f"The picture is less than {MIN_SIDE_PX} pixels wide or high")


def too_many_pixels() -> MediaError:
    """Returns the error for a picture beyond the limits."""
    limit = MAX_PIXELS // 1_000_000
    return MediaError(f"The picture has more than {limit} megapixels", code="media_too_large")


def has_endless_scans(data: bytes) -> bool:
    """Returns whether a JPEG has more than 100 scans; 200,000 of 30 ms each are an attack."""
    return data.count(JPEG_SCAN) > MAX_JPEG_SCANS


def jpeg_size(start: bytes) -> Size | None:
    """Returns the size of one of our own JPEGs from its first bytes, None if they don't have it."""
    with contextlib.suppress(struct.error):
        for at, marker in _jpeg_segments(start):
            if marker in JPEG_FRAMES:
                height, width = struct.unpack_from(">HH", start, at + 5)
                return width, height
    return None


def _jpeg(data: bytes) -> Size | None:
    """Returns the size, None if it isn't whole. Coded pixels can't contain an end marker."""
    size = None
    for at, marker in _jpeg_segments(data):
        if marker in JPEG_FRAMES and data[at + 4] == 8:
            if size is not None:
                return None
            height, width = struct.unpack_from(">HH", data, at + 5)
            size = width, height
        if marker == JPEG_SCAN[1]:
            end = data.find(JPEG_END, at)
            whole = end > 0 and JPEG_STRAY.search(data, at + 2, end) is None
            return size if whole and not has_endless_scans(data) else None
    return None


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Yields each segment's offset and marker."""
    at = 2
    for _ in range(MAX_PARTS):
        start, marker, length = struct.unpack_from(">BBH", data, at)
        if start != 0xFF or length < 2:
            return
        yield at, marker
        at += 2 + length


def _png(data: bytes) -> Size | None:
    """Returns a PNG's size, None if a part is unusual, missing or fails its checksum."""
    size, kinds = None, set()
    view, at = memoryview(data), PNG_START_BYTES
    for _ in range(MAX_PARTS):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        (checksum,) = struct.unpack_from(">I", data, end)
        if kind in PNG_UNUSUAL or zlib.crc32(view[at + 4 : end]) != checksum:
            return None
        if kind == b"IHDR":
            if size is not None:
                return None
            size = struct.unpack_from(">II", data, at + 8)
        if kind == b"IEND":
            return size if b"IDAT" in kinds else None
        kinds.add(kind)
        at = end + 4
    return None


def _webp(data: bytes) -> Size | None:
    """Returns a WebP's size, None if it isn't whole. It has no checksums: parts must have their
    stated length, and exactly one must be a picture of the canvas's size.
    """
    at, end = WEBP_START_BYTES, 8 + struct.unpack_from("<I", data, 4)[0]
    if end > len(data) or (data[12:16] == b"VP8X" and data[20] & WEBP_ANIMATED):
        return None
    pictures: list[Size | None] = []
    for _ in range(MAX_PARTS):
        if at >= end:
            size = webp_size(data)
            return size if pictures == [size] else None
        kind, length = struct.unpack_from("<4sI", data, at)
        if kind in WEBP_PICTURES:
            pictures.append(_webp_picture(kind, data[at + 8 : at + 18]))
        at += 8 + length + length % 2
        if at > end:
            return None
    return None


def _webp_picture(kind: bytes, start: bytes) -> Size | None:
    """Returns the size of a bitstream, None if it isn't one."""
    if kind == b"VP8 " and start[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", start, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and start[:1] == b"\x2f":
        bits = int.from_bytes(start[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None


def webp_size(data: bytes) -> Size:
    """Returns the canvas's size, else the only bitstream's. Raises struct.error, IndexError."""
    if data[12:16] == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    size = _webp_picture(data[12:16], data[20:30])
    if size is None:
        raise IndexError("no picture")
    return size
