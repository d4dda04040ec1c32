"""Notes on an import: what a timeline can't hold of the file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from showreel.core.wire import Wire
from showreel.cuts.models import Timeline
from showreel.cuts.plan import CutPlan
from showreel.cuts.responses import TimelineView
from showreel_otio.models import FileCut
from showreel_otio.shots import Shot

NoteCode = Literal[
    "effect_lost",
    "transition_approximated",
    "transition_shortened",
    "longer_for_voice_over",
    "length_rounded",
    "voice_over_moved",
]
MOST = 200


class ImportNote(Wire):
    """Something that isn't shown as the file has it."""

    code: NoteCode
    row_id: str | None
    place: str
    message: str


class ImportedTimeline(TimelineView):
    """The timeline after an import."""

    notes: list[ImportNote]


def note(code: NoteCode, place: str, message: str, row_id: str | None = None) -> ImportNote:
    """Returns a note on an import."""
    return ImportNote(code=code, row_id=row_id, place=place, message=message)


def effects_lost(cut: FileCut) -> Iterator[ImportNote]:
    """Yields a note for each effect on a clip that an import loses."""
    for track in cut.tracks:
        for clip in track.clips:
            for effect in clip.effects:
                yield note("effect_lost", clip.place, f"{effect[:80]} of {clip.name}")


def differences(timeline: Timeline, plan: CutPlan, shots: Sequence[Shot]) -> Iterator[ImportNote]:
    """Yields a note wherever the plan of the imported timeline differs from the file."""
    fps = plan.settings.fps
    clips = {clip.row_id: clip for clip in plan.clips}
    rows = {row.id: row for row in timeline.rows}
    for shot in _seen(shots, clips):
        clip, place = clips[shot.row.id], shot.clip.place
        wanted = round(shot.seconds * fps)
        if clip.frames > wanted and rows[shot.row.id].voice_over is not None:
            message = f"{clip.frames} frames instead of {wanted}: its voice-over needs them"
            yield note("longer_for_voice_over", place, message, shot.row.id)
        elif clip.frames != wanted:
            message = f"{clip.frames} frames instead of {wanted}"
            yield note("length_rounded", place, message, shot.row.id)
        shared = (
            round((shot.transition.before + shot.transition.after) * fps) if shot.transition else 0
        )
        if shot.transition is not None and clip.fade_out < shared:
            message = f"{clip.fade_out} frames instead of {shared}"
            yield note("transition_shortened", shot.transition.place, message, shot.row.id)


def _seen(shots: Sequence[Shot], clips: Mapping[str, object]) -> Iterator[Shot]:
    return (shot for shot in shots if shot.row.id in clips)
