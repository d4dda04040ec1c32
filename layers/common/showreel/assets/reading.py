"""Reads an object of the bucket as a seekable file, a block at a time."""

import io
from typing import TYPE_CHECKING

from showreel.assets.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Buffer

BLOCK_BYTES = 256 * 1024


class ObjectFile(io.RawIOBase):
    """A file that reads only the needed blocks of an object. Raises NotFound and Transient."""

    def __init__(self, storage: Storage, key: str, size_bytes: int) -> None:
        self._storage, self._key, self._size_bytes = storage, key, size_bytes
        self._at = self._start = 0
        self._block = b""

    def readable(self) -> bool:
        """Returns True: the file can be read."""
        return True

    def seekable(self) -> bool:
        """Returns True: the file can be read in any order."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Sets the position and returns it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "Buffer") -> int:
        """Fills the buffer up to the object's end. Returns the number of bytes."""
        wanted = memoryview(buffer)
        data = self._bytes(min(len(wanted), self._size_bytes - self._at))
        wanted[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _bytes(self, count: int) -> bytes:
        if count <= 0:
            return b""
        first = self._at - self._start
        if not 0 <= first <= first + count <= len(self._block):
            length = min(max(count, BLOCK_BYTES), self._size_bytes - self._at)
            self._block = self._storage.get_span(self._key, self._at, length)
            self._start, first = self._at, 0
        return self._block[first : first + count]
