"""Reads OpenTimelineIO's objects into plain values, and adds faults for what a cut can't have."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any
from urllib.parse import unquote, urlsplit

from opentimelineio import schema
from opentimelineio.exceptions import OTIOError

from showreel_otio.faults import Faults
from showreel_otio.models import Blend, FileClip, FileCut, FileItem, FileTrack, Hole, Mark
from showreel_otio.words import AUDIO, OWN, PREMIERE, RESOLVE, RESOLVE_VOLUME, VIDEO

RATES = (1.0, 192_000.0)
"""The bounds of a time's rate: sounds may be counted in samples."""
MAX_SECONDS = 100 * 3600.0
"""The latest time: media may have a time code."""
NAME_LENGTH = 200


class Reader:
    """Reads one timeline; its faults are added to `faults`."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def cut(self, timeline: Any) -> FileCut:
        """Returns the timeline's contents."""
        stack = timeline.tracks
        self._require_whole(stack, "tracks")
        tracks = tuple(self._tracks(stack))
        return FileCut(
            own=_mapping(timeline.metadata.get(OWN)),
            rate=_rate(timeline, tracks),
            tracks=tracks,
            marks=tuple(self._marks(stack, "tracks")),
        )

    def _tracks(self, stack: Any) -> Iterator[FileTrack]:
        for number, track in enumerate(stack):
            place = f"tracks.children.{number}"
            if not isinstance(track, schema.Track):
                self.faults.add("otio_nested", place, "Only tracks can lie beside each other")
            elif track.kind in {VIDEO, AUDIO} and track.enabled:
                self._require_whole(track, place)
                items = tuple(self._items(track, place))
                yield FileTrack(place, track.kind, _mapping(track.metadata.get(OWN)), items)

    def _require_whole(self, item: Any, place: str) -> None:
        if item.source_range is not None:
            self.faults.add("otio_nested", place, "A track is not trimmed as a whole")

    def _items(self, track: Any, place: str) -> Iterator[FileItem]:
        now = 0.0
        for number, item in enumerate(track):
            where = f"{place}.children.{number}"
            read = self._item(item, where, now)
            if read is not None:
                yield read
                now += 0.0 if isinstance(read, Blend) else read.seconds

    def _item(self, item: Any, place: str, now: float) -> FileItem | None:
        if isinstance(item, schema.Transition):
            before = self._seconds(item.in_offset, f"{place}.in_offset")
            after = self._seconds(item.out_offset, f"{place}.out_offset")
            own = _mapping(item.metadata.get(OWN))
            return Blend(place, str(item.transition_type), own, before, after)
        if isinstance(item, schema.Gap):
            return self._hole(item, place)
        if isinstance(item, schema.Clip):
            return self._clip(item, place, now)
        self.faults.add("otio_nested", place, "Nested sequences are not taken; flatten it first")
        return None

    def _hole(self, gap: Any, place: str) -> Hole | None:
        where = f"{place}.source_range"
        if gap.source_range is None:
            self.faults.add("otio_time", where, "A gap says how long it is")
            return None
        return Hole(place, self._seconds(gap.source_range.duration, where))

    def _clip(self, clip: Any, place: str, now: float) -> FileClip | None:
        media = clip.media_reference
        try:
            used = clip.trimmed_range()
        except OTIOError:
            message = "The clip says neither its source_range nor how long its media are"
            self.faults.add("otio_time", f"{place}.source_range", message)
            return None
        available = media.available_range if media is not None else None
        begins = self._seconds(available.start_time, place) if available is not None else 0.0
        start = self._seconds(used.start_time, f"{place}.source_range.start_time")
        effects = list(clip.effects)
        return FileClip(
            place=place,
            name=str(clip.name)[:NAME_LENGTH],
            own=_mapping(clip.metadata.get(OWN)),
            files=tuple(_files(clip, media)),
            at=now,
            start=start - begins,
            seconds=self._seconds(used.duration, f"{place}.source_range.duration"),
            speed=self._speed(effects, place),
            enabled=bool(clip.enabled),
            decibels=_decibels(effects),
            effects=tuple(name for effect in effects if (name := _lost(effect))),
            marks=tuple(self._marks(clip, place)),
        )

    def _speed(self, effects: list[Any], place: str) -> float:
        warps = [effect for effect in effects if isinstance(effect, schema.TimeEffect)]
        speeds = [getattr(warp, "time_scalar", None) for warp in warps if warp.enabled]
        if None in speeds or any(speed not in {0.0, 1.0} for speed in speeds):
            message = "Clips are shown at their own speed"
            self.faults.add("otio_speed", f"{place}.effects", message)
        return 0.0 if 0.0 in speeds else 1.0

    def _marks(self, item: Any, place: str) -> Iterator[Mark]:
        for number, marker in enumerate(item.markers):
            own = _mapping(marker.metadata.get(OWN))
            if own.get("kind"):
                where = f"{place}.markers.{number}.marked_range"
                start = self._seconds(marker.marked_range.start_time, where)
                seconds = self._seconds(marker.marked_range.duration, where)
                yield Mark(own, str(marker.name), start, seconds)

    def _seconds(self, time: Any, place: str) -> float:
        """Returns a time in seconds; 0, with a fault, for one that is out of bounds."""
        least, most = RATES
        rate, value = float(time.rate), float(time.value)
        if not (least <= rate <= most) or not isfinite(value):
            self.faults.add("otio_rate", place, f"A rate is between {least:.0f} and {most:.0f}")
            return 0.0
        if not 0 <= value / rate <= MAX_SECONDS:
            message = f"A time is between 0 and {MAX_SECONDS:.0f} s"
            self.faults.add("otio_time", place, message)
            return 0.0
        return value / rate


def _rate(timeline: Any, tracks: tuple[FileTrack, ...]) -> float | None:
    """Returns the timeline's frame rate: its start time's, else its first clip's."""
    if timeline.global_start_time is not None:
        return float(timeline.global_start_time.rate)
    for track in timeline.tracks if tracks else ():
        for item in track if isinstance(track, schema.Track) and track.kind == VIDEO else ():
            if isinstance(item, schema.Clip) and item.source_range is not None:
                return float(item.source_range.duration.rate)
    return None


def _files(clip: Any, media: Any) -> Iterator[str]:
    """Yields the possible names of a clip's file, the most reliable first. Nothing is fetched."""
    if media is not None:
        yield _file_name(str(getattr(media, "target_url", "")))
        yield _file_name(str(media.name))
    yield _file_name(str(clip.name))


def _file_name(url: str) -> str:
    """Returns the last part of a URL, or of a path of any operating system."""
    try:
        path = urlsplit(url).path or url
    except ValueError:
        path = url
    return unquote(path).replace("\\", "/").rpartition("/")[2][:NAME_LENGTH]


def _mapping(value: Any) -> Mapping[str, Any]:
    """Returns a copy of metadata, since the library frees it together with its object."""
    return _plain(value) if isinstance(value, Mapping) else {}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool) else None


def _resolve(effect: Any) -> Mapping[str, Any]:
    return _mapping(effect.metadata.get(RESOLVE))


def _parameters(effect: Any) -> list[Mapping[str, Any]]:
    named = _resolve(effect).get("Parameters")
    return list(map(_mapping, named)) if isinstance(named, list) else []


def _decibels(effects: list[Any]) -> float | None:
    """Returns the volume that Resolve wrote; it leaves out a parameter that has its default."""
    for effect in effects:
        if _resolve(effect).get("Effect Name") == RESOLVE_VOLUME:
            for parameter in _parameters(effect):
                value = parameter.get("Parameter Value")
                if parameter.get("Parameter ID") == "volume" and isinstance(value, int | float):
                    return float(value)
            return 0.0
    return None


def _lost(effect: Any) -> str | None:
    """Returns the name of an effect that would be lost; None for effects without effect, such as
    those that editors write for every clip.
    """
    if isinstance(effect, schema.TimeEffect) or not effect.enabled:
        return None
    name = str(_resolve(effect).get("Effect Name") or effect.effect_name or effect.name)
    if RESOLVE in effect.metadata:
        return name if _parameters(effect) and name != RESOLVE_VOLUME else None
    intrinsic = _mapping(effect.metadata.get(PREMIERE)).get("IsIntrinsic")
    return None if intrinsic else name
