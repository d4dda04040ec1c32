"""Reads a file's audio tracks: voice-overs, the videos' own sound, and music."""

from collections.abc import Iterator, Sequence
from posixpath import basename
from typing import Any

from showreel.cuts.models import Timeline
from showreel.music.library import MusicTrack
from showreel_otio.faults import Faults
from showreel_otio.models import FileClip, FileCut
from showreel_otio.notes import ImportNote, note
from showreel_otio.rows import Rows
from showreel_otio.shots import Shot
from showreel_otio.volumes import percent
from showreel_otio.words import AUDIO, MUSIC, SOUND, VOICE_OVER

LOUDEST, LOUDEST_MUSIC = 200, 100
UNKNOWN = "This sound isn't one of the project's timeline"


class Sounds:
    """The sounds by row. From a track that we named, missing sounds were removed."""

    def __init__(
        self,
        cut: FileCut,
        timeline: Timeline,
        music: MusicTrack | None,
        frame: float,
        faults: Faults,
    ) -> None:
        self.timeline, self._frame = timeline, frame
        self._music_file = basename(music.url) if music else None
        self.named = {str(track.own.get("track")) for track in cut.tracks if track.kind == AUDIO}
        self.voices: dict[str, FileClip] = {}
        self.own: dict[str, FileClip] = {}
        self.tracks: list[FileClip] = []
        rows = Rows(timeline.rows)
        for track in cut.tracks:
            for clip in track.clips if track.kind == AUDIO else ():
                self._take(clip, rows, faults)

    def _take(self, clip: FileClip, rows: Rows, faults: Faults) -> None:
        spoken = rows.speaks(clip, set(self.voices))
        sounding = rows.sounds(clip)
        if spoken is not None:
            self.voices.setdefault(spoken.id, clip)
        elif sounding is not None:
            self.own.setdefault(sounding.id, clip)
        elif self._is_music(clip):
            self.tracks.append(clip)
        else:
            faults.add("unknown_media", clip.place, f"{UNKNOWN}: {clip.name or clip.files[0]}")

    def _is_music(self, clip: FileClip) -> bool:
        return isinstance(clip.own.get("trackId"), str) or self._music_file in clip.files

    def volumes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields the volumes in the file; a removed sound has 0."""
        for row in self.timeline.rows:
            voice, own = self.voices.get(row.id), self.own.get(row.id)
            if voice is not None:
                yield row.id, _volume("voiceVolume", voice, row.voice_volume, LOUDEST)
            elif row.voice_over is not None and (self.voices or VOICE_OVER in self.named):
                yield row.id, {"voiceVolume": 0}
            if own is not None:
                yield row.id, _volume("volume", own, row.volume, LOUDEST)
            elif row.kind == "video" and SOUND in self.named:
                yield row.id, {"volume": 0}

    def music(self) -> dict[str, Any]:
        """Returns the change of the music, empty if it is the same."""
        now, clip = self.timeline.music, next(filter(_heard, self.tracks), None)
        if clip is None:
            return {"music": None} if now is not None and MUSIC in self.named else {}
        track_id = clip.own.get("trackId") or (now.track_id if now else None)
        usual = now.volume if now is not None else LOUDEST_MUSIC // 2
        volume = _volume("volume", clip, usual, LOUDEST_MUSIC)
        imported = {"trackId": track_id, "volume": usual, **volume}
        if now is not None and imported == {"trackId": now.track_id, "volume": now.volume}:
            return {}
        return {"music": imported}

    def moved(self, shots: Sequence[Shot]) -> Iterator[ImportNote]:
        """Yields a note for each voice-over that doesn't begin with its shot; here all do."""
        now = 0.0
        for shot in shots:
            voice = self.voices.get(shot.row.id)
            if voice is not None and abs(voice.at - now) > 1.5 * self._frame:
                message = "A voice-over begins with its shot"
                yield note("voice_over_moved", voice.place, message, shot.row.id)
            now += shot.seconds - (
                shot.transition.before + shot.transition.after if shot.transition else 0.0
            )


def _heard(clip: FileClip) -> bool:
    return clip.enabled


def _volume(name: str, clip: FileClip, now: int, most: int) -> dict[str, Any]:
    """Returns a clip's volume. Without one a clip of ours has the usual volume, and another one
    none.
    """
    if not clip.enabled:
        return {name: 0}
    if clip.decibels is None and not clip.own:
        return {}
    imported = percent(clip.decibels or 0.0, most)
    return {} if imported == now else {name: imported}
