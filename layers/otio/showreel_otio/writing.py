"""Writes a timeline as an OpenTimelineIO file: a video track, and tracks of the videos' own sound,
of voice-overs and of music. Times are whole frames at the timeline's rate.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import basename
from typing import Any

from opentimelineio import schema
from opentimelineio.opentime import RationalTime, TimeRange

from showreel.assets.keys import public_url
from showreel.cuts.models import CutRow, MusicRow, Timeline
from showreel.cuts.plan import CutPlan
from showreel.music.library import MusicTrack
from showreel_otio.layout import Blended, Placed, placed
from showreel_otio.volumes import decibels
from showreel_otio.words import (
    AUDIO,
    CAPTION,
    LOUDEST_DB,
    MUSIC,
    OWN,
    PICTURE,
    RESOLVE,
    RESOLVE_VOLUME,
    SILENT_DB,
    SOUND,
    TEXT,
    VIDEO,
    VOICE_OVER,
)

FULL = 100


@dataclass(frozen=True)
class OtioFile:
    """The contents of the file. `music` is None if there is none or it is gone."""

    name: str
    timeline: Timeline
    plan: CutPlan
    music: MusicTrack | None
    base_url: str

    def text(self) -> str:
        """Returns the file's text."""
        written = schema.Timeline(
            self.name, global_start_time=RationalTime(0, self._fps), metadata={OWN: self._head()}
        )
        clips = list(placed(self.plan, self._rows))
        tracks = [
            _track("Pictures", VIDEO, PICTURE, self._pictures(clips)),
            _track("Sound", AUDIO, SOUND, self._sounds(clips)),
            _track("Voice-over", AUDIO, VOICE_OVER, self._voice_overs()),
            _track("Music", AUDIO, MUSIC, self._music()),
        ]
        written.tracks.extend(tracks)
        written.tracks.markers.extend(self._texts())
        return str(written.to_json_string(indent=2))

    @property
    def _fps(self) -> int:
        return self.plan.settings.fps

    @property
    def _rows(self) -> Mapping[str, CutRow]:
        return {row.id: row for row in self.timeline.rows}

    def _head(self) -> dict[str, Any]:
        """Returns our metadata of the whole file, for an import."""
        settings = self.plan.settings
        return {
            "projectId": self.timeline.project_id,
            "revision": self.timeline.revision,
            "fps": settings.fps,
            "aspectRatio": settings.aspect_ratio,
            "transitions": {
                "type": settings.transition.kind,
                "durationMs": settings.transition.duration_ms,
            },
        }

    def _pictures(self, clips: list[tuple[Placed, Blended | None]]) -> Iterator[Any]:
        for one, transition in clips:
            title = one.row.title or f"Scene {one.row.scene_number}, shot {one.row.shot_number}"
            if one.moving:
                clip = self._of_row(one, title, one.source, one.moving)
                clip.markers.extend(self._captions(one))
                yield clip
            if one.held:
                held = self._of_row(one, f"{title} (held)", one.media_frames - 1, one.held)
                held.effects.append(schema.FreezeFrame("Held"))
                yield held
            if transition is not None:
                yield self._transition(transition, self.plan.transitions[one.clip.index].kind)

    def _of_row(self, one: Placed, name: str, start: int, frames: int) -> Any:
        numbers = {"sceneNumber": one.row.scene_number, "shotNumber": one.row.shot_number}
        return schema.Clip(
            name,
            media_reference=self._media(one.row.key, one.media_frames),
            source_range=self._range(start, frames),
            metadata={OWN: {"rowId": one.row.id, "kind": one.row.kind, **numbers}},
        )

    def _sounds(self, clips: list[tuple[Placed, Blended | None]]) -> Iterator[Any]:
        """Yields the videos' own sound, which ends where a video's last frame is held."""
        heard = [one.row.kind == "video" and one.clip.volume > 0 for one, _ in clips]
        for number, (one, transition) in enumerate(clips):
            if not heard[number] or not one.moving:
                yield self._gap(one.frames)
                continue
            sound = self._of_row(one, one.row.title or "Sound", one.source, one.moving)
            _set_volume(sound, one.clip.volume)
            yield sound
            if one.held:
                yield self._gap(one.held)
            elif transition is not None and heard[number + 1] and clips[number + 1][0].moving:
                yield self._transition(transition, "crossfade")

    def _voice_overs(self) -> Iterator[Any]:
        now = 0
        for speech in self.plan.speeches:
            if speech.start > now:
                yield self._gap(speech.start - now)
            clip = schema.Clip(
                "Voice-over",
                media_reference=self._media(speech.key, speech.frames),
                source_range=self._range(0, speech.frames),
                metadata={OWN: {"rowId": speech.row_id}},
            )
            _set_volume(clip, speech.volume)
            now = speech.start + speech.frames
            yield clip

    def _music(self) -> Iterator[Any]:
        """Yields the music, repeated until the film's end."""
        music = self.plan.music
        if music is None or not self.plan.frames:
            return
        known = self.music
        seconds = known.duration_seconds if known else None
        length = round(seconds * self._fps) if seconds else self.plan.frames
        for start in range(0, self.plan.frames, max(1, length)):
            yield self._music_clip(music, known, min(length, self.plan.frames - start), length)

    def _music_clip(
        self, music: MusicRow, known: MusicTrack | None, frames: int, length: int
    ) -> Any:
        reference = schema.MissingReference()
        if known is not None:
            available = self._range(0, length)
            reference = schema.ExternalReference(known.url, available)
            reference.name = basename(known.url)
        clip = schema.Clip(
            known.name if known else "Music",
            media_reference=reference,
            source_range=self._range(0, frames),
            metadata={OWN: {"trackId": music.track_id}},
        )
        _set_volume(clip, music.volume)
        return clip

    def _captions(self, one: Placed) -> Iterator[Any]:
        if one.row.caption:
            own = {"kind": CAPTION, "rowId": one.row.id}
            yield self._marker(one.row.caption, one.source, one.moving, "CYAN", own)

    def _texts(self) -> Iterator[Any]:
        for text in self.timeline.texts:
            start, end = (
                round(moment * self._fps / 1000)
                for moment in (text.start_ms, text.start_ms + text.duration_ms)
            )
            own = {"kind": TEXT, "textId": text.id}
            yield self._marker(text.text, start, max(1, end - start), "GREEN", own)

    def _marker(self, text: str, start: int, frames: int, color: str, own: dict[str, Any]) -> Any:
        return schema.Marker(
            text,
            marked_range=self._range(start, frames),
            color=color,
            metadata={OWN: own},
            comment=text,
        )

    def _media(self, key: str, frames: int) -> Any:
        url = public_url(self.base_url, key)
        reference = schema.ExternalReference(url, self._range(0, frames))
        reference.name = basename(key)
        return reference

    def _transition(self, transition: Blended, kind: str) -> Any:
        return schema.Transition(
            kind,
            transition_type=schema.TransitionTypes.SMPTE_Dissolve,
            in_offset=RationalTime(transition.before, self._fps),
            out_offset=RationalTime(transition.after, self._fps),
            metadata={OWN: {"type": kind}},
        )

    def _gap(self, frames: int) -> Any:
        return schema.Gap(source_range=self._range(0, frames))

    def _range(self, start: int, frames: int) -> Any:
        return TimeRange(RationalTime(start, self._fps), RationalTime(frames, self._fps))


def _track(name: str, kind: str, role: str, children: Iterator[Any]) -> Any:
    return schema.Track(name, children=list(children), kind=kind, metadata={OWN: {"track": role}})


def _set_volume(clip: Any, volume: int) -> None:
    """Adds a volume as Resolve writes it; a volume that is the default is left out."""
    if volume == FULL:
        return
    parameter = {
        "Parameter ID": "volume",
        "Parameter Value": decibels(volume),
        "Default Parameter Value": 0.0,
        "Variant Type": "Double",
        "minValue": SILENT_DB,
        "maxValue": LOUDEST_DB,
        "Key Frames": {},
    }
    effect = {"Effect Name": RESOLVE_VOLUME, "Enabled": True, "Name": "Volume", "Type": 62}
    metadata = {RESOLVE: {**effect, "Parameters": [parameter]}}
    clip.effects.append(schema.Effect("", effect_name="Resolve Effect", metadata=metadata))
