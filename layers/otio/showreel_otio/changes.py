"""Turns a file into a PATCH of the timeline, which has only what differs, so that an exported file
that is read again changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from showreel.core.errors import InvalidInput
from showreel.cuts.models import CutRow, ExportSettings, ExportTransitionKind, Timeline, Transition
from showreel.cuts.plan import make_plan
from showreel.cuts.schemas import TimelineChange
from showreel.music.library import MusicTrack
from showreel_otio.faults import Faults
from showreel_otio.models import Blend, FileCut
from showreel_otio.notes import ImportNote, note
from showreel_otio.rows import Rows
from showreel_otio.shots import Shot, shots_of
from showreel_otio.sounds import Sounds
from showreel_otio.texts import captions_of, texts_of

MAX_TRANSITION_MS = 3_000
DISSOLVE = "SMPTE_Dissolve"


@dataclass
class Import:
    """A file and the timeline it changes. `settings` are the file's own, as far as it has some."""

    cut: FileCut
    timeline: Timeline
    settings: ExportSettings
    music: MusicTrack | None
    faults: Faults
    notes: list[ImportNote] = field(default_factory=list)
    shots: list[Shot] = field(init=False)

    def __post_init__(self) -> None:
        """Finds the row of each of the file's clips."""
        frame = 1 / self.settings.fps
        self.shots = shots_of(self.cut, Rows(self.timeline.rows), frame, self.faults)
        if not self.shots and not self.faults.found:
            self.faults.add("otio_empty", "tracks", "The file shows nothing")

    def change(self) -> TimelineChange:
        """Returns the change. Raises InvalidInput with all faults."""
        frame = 1 / self.settings.fps
        sounds = Sounds(self.cut, self.timeline, self.music, frame, self.faults)
        rows: dict[str, dict[str, Any]] = {row.id: {} for row in self.timeline.rows}
        for row_id, named in (*self._shown(), *sounds.volumes(), *captions_of(self.cut, rows)):
            rows[row_id] |= named
        self.faults.require_none()
        transitions = dict(self._transitions())
        for row_id, named in (*transitions.items(), *self._lengths(transitions)):
            rows[row_id] |= named
        self.faults.require_none()
        self.notes += sounds.moved(self.shots)
        changes: dict[str, Any] = {"revision": self.timeline.revision}
        changes["rows"] = list(self._different(rows))
        order = [row.id for row in self._ordered()]
        if order != [row.id for row in self.timeline.rows]:
            changes["order"] = order
        texts = texts_of(self.cut, self.timeline, self.settings.fps)
        if texts is not None:
            changes["texts"] = texts
        changes |= sounds.music()
        return _validated(changes)

    def _different(self, rows: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yields for each row the values that differ from its own."""
        for row in self.timeline.rows:
            named = {
                name: value
                for name, value in rows[row.id].items()
                if name == "transition" or value != getattr(row, _ATTRIBUTES[name])
            }
            if named:
                yield {"id": row.id, **named}

    def _shown(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields whether each row is shown, and how much of its beginning is left out."""
        shown = {shot.row.id for shot in self.shots if shot.clip.enabled}
        for row in self.timeline.rows:
            yield row.id, {"included": row.id in shown}
        for shot in self.shots:
            if shot.start is not None and self._differs(shot.start * 1000, shot.row.in_ms):
                yield shot.row.id, {"inMs": max(0, round(shot.start * 1000))}

    def _transitions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields the transitions that differ from those of the plan."""
        lengths = {shot.row.id: {"duration_ms": shot.duration_ms} for shot in self.shots}
        plan = make_plan(self._timeline_with(lengths), self.settings)
        transitions = {
            plan.clips[transition.index].row_id: transition for transition in plan.transitions
        }
        for shot in self._linked():
            now = transitions.get(shot.row.id)
            kind, frames = self._wanted(shot.transition, shot.row)
            if now is not None and (now.kind, now.frames) == (kind, frames):
                continue
            milliseconds = round(frames * 1000 / self.settings.fps)
            if milliseconds > MAX_TRANSITION_MS:
                place = shot.transition.place if shot.transition else shot.clip.place
                message = f"A transition takes at most {MAX_TRANSITION_MS} ms"
                self.faults.add("otio_transition", place, message)
            yield shot.row.id, {"transition": {"type": kind, "durationMs": milliseconds}}

    def _linked(self) -> Iterator[Shot]:
        """Yields the shots that are followed by another one."""
        return (shot for shot in [shot for shot in self.shots if shot.clip.enabled][:-1])

    def _wanted(self, transition: Blend | None, row: CutRow) -> tuple[ExportTransitionKind, int]:
        """Returns the kind and frames of a transition in the file. Editors have one kind of
        dissolve, so the row's own kind is kept.
        """
        frames = (
            round((transition.before + transition.after) * self.settings.fps) if transition else 0
        )
        if transition is None or not frames:
            return "cut", 0
        usual = (row.transition or self.settings.transition).kind
        kinds: dict[str, ExportTransitionKind] = {"crossfade": "crossfade", "dissolve": "dissolve"}
        if transition.type != DISSOLVE:
            message = f"{transition.type[:80]} becomes a crossfade"
            self.notes.append(note("transition_approximated", transition.place, message, row.id))
            return "crossfade", frames
        return kinds.get(str(transition.own.get("type")), kinds.get(usual, "crossfade")), frames

    def _lengths(
        self, transitions: dict[str, dict[str, Any]]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields the lengths that differ from those of the plan, and those of rows whose beginning
        changes.
        """
        begins = {row_id for row_id, named in self._shown() if "inMs" in named}
        made = {row_id: {"transition": _transition(named)} for row_id, named in transitions.items()}
        plan = make_plan(self._timeline_with(made), self.settings)
        frames = {clip.row_id: clip.frames for clip in plan.clips}
        for shot in self.shots:
            wanted, now = round(shot.seconds * self.settings.fps), frames.get(shot.row.id)
            if now is None:
                continue
            if now != wanted or shot.row.id in begins:
                yield shot.row.id, {"durationMs": shot.duration_ms}

    def _timeline_with(self, changes: dict[str, dict[str, Any]]) -> Timeline:
        """Returns the timeline in the file's order, with its shown rows and these changes."""
        shown = {shot.row.id for shot in self.shots if shot.clip.enabled}
        rows = tuple(
            row.model_copy(update={"included": row.id in shown, **changes.get(row.id, {})})
            for row in self._ordered()
        )
        return self.timeline.model_copy(update={"rows": rows})

    def _ordered(self) -> Sequence[CutRow]:
        """Returns all rows in the file's order; a row that the file lacks stays after its present
        predecessor.
        """
        ordered = [shot.row for shot in self.shots]
        known = {row.id for row in ordered}
        if [row.id for row in self.timeline.rows if row.id in known] == [row.id for row in ordered]:
            return self.timeline.rows
        before: CutRow | None = None
        for row in self.timeline.rows:
            if row.id not in known:
                ordered.insert(ordered.index(before) + 1 if before else 0, row)
            before = row
        return ordered

    def _differs(self, file_ms: float, own_ms: int) -> bool:
        """Returns whether two times are different frames."""
        return abs(file_ms - own_ms) > 500 / self.settings.fps + 1


_ATTRIBUTES = {
    "included": "included",
    "inMs": "in_ms",
    "durationMs": "duration_ms",
    "volume": "volume",
    "voiceVolume": "voice_volume",
    "caption": "caption",
}
"""Attributes of rows by the fields of a change."""


def _transition(named: dict[str, Any]) -> Transition:
    wanted = named["transition"]
    return Transition(kind=wanted["type"], duration_ms=min(wanted["durationMs"], MAX_TRANSITION_MS))


def _validated(changes: dict[str, Any]) -> TimelineChange:
    """Returns the change, validated. Raises InvalidInput for what no timeline takes, such as a text
    that is too long.
    """
    try:
        return TimelineChange.model_validate(changes)
    except ValidationError as error:
        details = [
            {"field": ".".join(map(str, fault["loc"])), "message": fault["msg"]}
            for fault in error.errors()
        ]
        message = f"{details[0]['field']}: {details[0]['message']}"
        raise InvalidInput(message, details={"details": details}) from error
