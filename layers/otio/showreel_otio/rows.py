"""Finds the row of a clip: by our metadata, else by its file's name."""

from collections.abc import Sequence
from posixpath import basename

from showreel.cuts.models import CutRow
from showreel_otio.models import FileClip


class Rows:
    """The rows of a timeline, of which each is found once."""

    def __init__(self, rows: Sequence[CutRow]) -> None:
        self._rows = {row.id: row for row in rows}
        self._shown = [(basename(row.key), row) for row in rows]
        self._heard = [
            (basename(row.voice_over.key), row) for row in rows if row.voice_over is not None
        ]
        self._taken: set[str] = set()

    def shown(self, clip: FileClip) -> CutRow | None:
        """Returns the row whose video or picture a clip shows, None if there is none. Rows that
        show the same file are found in turn, the last one again at the end.
        """
        row = self._named(clip) or self._by_file(clip, self._shown, self._taken)
        if row is not None:
            self._taken.add(row.id)
        return row

    def is_another(self, clip: FileClip) -> bool:
        """Returns whether a clip's file is that of a row that hasn't been found yet."""
        files = set(filter(None, clip.files))
        return any(name in files and row.id not in self._taken for name, row in self._shown)

    def sounds(self, clip: FileClip) -> CutRow | None:
        """Returns the row whose video has this sound, None if there is none."""
        return self._by_file(clip, self._shown, set(), self._named(clip))

    def speaks(self, clip: FileClip, taken: set[str]) -> CutRow | None:
        """Returns the row that has this voice-over, preferably one that isn't in `taken`."""
        return self._by_file(clip, self._heard, taken, self._named(clip))

    def _named(self, clip: FileClip) -> CutRow | None:
        row_id = clip.own.get("rowId")
        return self._rows.get(row_id) if isinstance(row_id, str) else None

    def _by_file(
        self,
        clip: FileClip,
        media: Sequence[tuple[str, CutRow]],
        taken: set[str],
        named: CutRow | None = None,
    ) -> CutRow | None:
        for file in filter(None, clip.files):
            found = [row for name, row in media if name == file]
            if named in found:
                return named
            if found:
                return next((row for row in found if row.id not in taken), found[-1])
        return None
