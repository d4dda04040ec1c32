"""Exports a project's timeline to a file, and imports a file.

Nothing that a file names is fetched: a clip belongs to a row by our metadata or its file's name, or
is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from showreel.core.errors import InvalidInput
from showreel.cuts import service as cuts
from showreel.cuts.create import resolved
from showreel.cuts.models import ExportSettings, Timeline
from showreel.cuts.plan import make_plan
from showreel.cuts.ports import Board, Boards
from showreel.cuts.schemas import Settings, TimelineChange
from showreel.identity import Caller
from showreel.music.library import MusicTrack, find_track
from showreel_otio.changes import Import
from showreel_otio.faults import looking_for_faults
from showreel_otio.models import FileCut
from showreel_otio.notes import MOST, ImportedTimeline, differences, effects_lost
from showreel_otio.parsing import timeline_of
from showreel_otio.reading import Reader
from showreel_otio.words import OWN
from showreel_otio.writing import OtioFile

LEAST_FPS, MOST_FPS = 12, 60


@dataclass(frozen=True)
class Exported:
    """An exported file."""

    name: str
    text: str


def export(
    boards: Boards, caller: Caller, project_id: str, wanted: Settings, base_url: str
) -> Exported:
    """Returns the timeline as an OpenTimelineIO file. Raises NotFound."""
    board, timeline = cuts.timeline_at(boards, caller, project_id, None)
    plan = make_plan(timeline, resolved(wanted, board))
    music = _music(timeline, board, base_url)
    name = f"timeline-{timeline.revision}.otio"
    return Exported(name, OtioFile(name, timeline, plan, music, base_url).text())


@dataclass(frozen=True)
class TimelineFile:
    """A timeline's file that was read. `revision` is that of the timeline which it changes."""

    cut: FileCut
    revision: int
    settings: Settings
    """The settings that it was written with, as far as it has them."""

    @classmethod
    def read(
        cls, document: Mapping[str, Any], project_id: str, revision: int | None
    ) -> "TimelineFile":
        """Returns the file. Raises InvalidInput with all faults of the file by itself."""
        with looking_for_faults() as faults:
            cut = Reader(faults).cut(timeline_of(document))
        written = _revision(cut, project_id) if revision is None else revision
        return cls(cut, written, _settings(cut))

    def over(
        self, timeline: Timeline, settings: ExportSettings, music: MusicTrack | None
    ) -> tuple[Import, TimelineChange]:
        """Returns the import and its change. Raises InvalidInput with all faults against the
        timeline.
        """
        with looking_for_faults() as faults:
            compared = Import(self.cut, timeline, settings, music, faults)
            return compared, compared.change()


def take(
    boards: Boards,
    caller: Caller,
    project_id: str,
    document: Mapping[str, Any],
    revision: int | None,
    base_url: str,
) -> ImportedTimeline:
    """Imports a file into the timeline, which must have the revision that the caller names, else
    the one that the file was written from.

    Raises NotFound, Conflict `stale_revision`, InvalidInput.
    """
    boards.require(caller, project_id)
    file = TimelineFile.read(document, project_id, revision)
    board, timeline = cuts.timeline_at(boards, caller, project_id, file.revision)
    settings = resolved(file.settings, board)
    compared, change = file.over(timeline, settings, _music(timeline, board, base_url))
    view = cuts.change_timeline(boards, caller, project_id, change, base_url)
    _, after = cuts.timeline_at(boards, caller, project_id, None)
    notes = [
        *compared.notes,
        *effects_lost(file.cut),
        *differences(after, make_plan(after, settings), compared.shots),
    ]
    shown = {name: getattr(view, name) for name in type(view).model_fields}
    return ImportedTimeline(**shown, notes=notes[:MOST])


def _revision(cut: FileCut, project_id: str) -> int:
    """Returns the revision that a file was written from. Raises InvalidInput `otio_project`,
    `revision_needed`.
    """
    revision = cut.own.get("revision")
    if cut.own.get("projectId", project_id) != project_id:
        message = "The file is of another project"
        raise InvalidInput(message, code="otio_project", field=f"metadata.{OWN}.projectId")
    if not isinstance(revision, int) or isinstance(revision, bool) or revision < 0:
        message = "The file doesn't say which revision it was written from: name it as revision"
        raise InvalidInput(message, code="revision_needed", field="revision")
    return revision


def _settings(cut: FileCut) -> Settings:
    """Returns the file's frame rate, and the transition of rows that have none of their own, unless
    an editor dropped them. Raises InvalidInput `otio_unreadable`.
    """
    wanted: dict[str, Any] = {}
    rate = cut.own.get("fps") or cut.rate
    if isinstance(rate, int | float):
        wanted["fps"] = min(MOST_FPS, max(LEAST_FPS, round(rate)))
    transition = cut.own.get("transitions")
    if isinstance(transition, Mapping):
        wanted["transitions"] = dict(transition)
    try:
        return Settings.model_validate(wanted)
    except ValidationError as error:
        message = "The file's own settings are damaged"
        raise InvalidInput(message, code="otio_unreadable", field=f"metadata.{OWN}") from error


def _music(timeline: Timeline, board: Board, base_url: str) -> MusicTrack | None:
    music = timeline.music
    return find_track(music.track_id, board.workspace_id, base_url) if music else None
