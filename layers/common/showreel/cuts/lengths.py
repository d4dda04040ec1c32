"""Finds how long the videos and voice-overs of shots are: as recorded when made, else probed.

Of a video only the index is read; a sound is decoded. Unusable media have no length.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from showreel.assets.reading import ObjectFile
from showreel.assets.service import storage
from showreel.core.aws import client
from showreel.core.errors import MediaError, NotFound
from showreel.cuts.models import Timeline
from showreel.cuts.ports import BoardMedium, BoardShot

AT_ONCE = 8
SOUNDS = frozenset({"audio/mpeg", "audio/mp4", "audio/wav"})


def lengths_of(shots: Sequence[BoardShot], timeline: Timeline) -> dict[str, int]:
    """Returns the milliseconds of every usable video and voice-over, by object key. Lengths that
    the timeline has already aren't probed again.
    """
    known = dict(_in_timeline(timeline)) | dict(_made(shots))
    wanted = {shot.video.key: video_ms for shot in shots if shot.video.key}
    wanted |= {shot.audio.key: sound_ms for shot in shots if shot.audio.key}
    missing = [key for key in wanted if key not in known]
    if missing:
        client("s3")  # here, not in the threads: making clients isn't thread-safe
    with ThreadPoolExecutor(AT_ONCE) as pool:
        probed = zip(missing, pool.map(lambda key: wanted[key](key), missing), strict=True)
        known |= {key: length for key, length in probed if length}
    return {key: known[key] for key in wanted if key in known}


def _in_timeline(timeline: Timeline) -> Iterator[tuple[str, int]]:
    for row in timeline.rows:
        if row.source_ms is not None:
            yield row.key, row.source_ms
        if row.voice_over is not None:
            yield row.voice_over.key, row.voice_over.source_ms


def _made(shots: Iterable[BoardShot]) -> Iterator[tuple[str, int]]:
    for shot in shots:
        for medium in (shot.video, shot.audio):
            yield from _made_medium(medium)


def _made_medium(medium: BoardMedium) -> Iterator[tuple[str, int]]:
    if medium.key is not None and medium.seconds:
        yield medium.key, max(1, round(medium.seconds * 1000))


def video_ms(key: str) -> int | None:
    """Returns the length of a video in milliseconds, None if it can't be used. Raises Transient."""
    from showreel.media.boxes import read_from
    from showreel.media.movie import movie_of
    from showreel.media.probe import look

    try:
        size_bytes = storage().head(key).size_bytes
        with io.BufferedReader(ObjectFile(storage(), key, size_bytes)) as file:
            movie = movie_of(read_from(file, size_bytes))
        if movie.fragmented:
            return _with_file(key, lambda path: look(path, movie.picture.rotation).seconds)
        return round(movie.picture.seconds * 1000) or None
    except (MediaError, NotFound):
        return None


def sound_ms(key: str) -> int | None:
    """Returns the length of a sound in milliseconds, None if it can't be used. Raises Transient."""
    from showreel.media.audio_probe import verify_sound

    try:
        kind = storage().head(key).content_type
        if kind not in SOUNDS:
            return None
        return _with_file(key, lambda path: verify_sound(path, content_type=kind).seconds)
    except (MediaError, NotFound):
        return None


def _with_file(key: str, seconds: Callable[[Path], float]) -> int | None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "source"
        storage().get_file(key, path)
        return round(seconds(path) * 1000) or None
