"""Mixes a sound under a video or another sound, as in films. The video is copied if possible."""

from pathlib import Path

from showreel.core.errors import MediaError
from showreel.media.mastering import Mix, master
from showreel.media.movie import Movie, read_movie
from showreel.media.operations.encoding import VIDEO, encode, whole
from showreel.media.operations.models import MixAudio, OperationResult
from showreel.media.operations.sounds import FORMATS, decode, samples_of
from showreel.media.operations.sources import Source
from showreel.media.runner import mp4_input, run
from showreel.media.sound import mix_sounds

_COPIED = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-f", "mp4")


def mix_audio(source: Source, added: Source, wanted: MixAudio, directory: Path) -> OperationResult:
    """Writes the mix. Raises MediaError `music_invalid` for a sound that can't be used."""
    if source.kind == "audio":
        total = samples_of(source.seconds)
        mix = _mixed(source, added, wanted, total, directory)
        path = master(mix, directory / "out.m4a")
        return OperationResult(path, FORMATS["m4a"][0], seconds=source.seconds)
    video, seconds, size = _picture(source, directory)
    mix = _mixed(source, added, wanted, samples_of(seconds), directory)
    path = directory / "out.mp4"
    sound = master(mix, directory / "mastered.m4a")
    tracks = ["-map", "0:v:0", "-map", "1:a:0", "-c", "copy"]
    output = [*tracks, "-movflags", "+faststart", *_COPIED, str(path)]
    run([*mp4_input(video), *mp4_input(sound), *output], directory)
    if read_movie(path).picture.samples != read_movie(video).picture.samples:
        raise MediaError("The video is not what was to be made", code="media_mismatch")
    return OperationResult(path, VIDEO, *size, seconds)


def is_copyable(movie: Movie | None) -> bool:
    """Returns whether a video's picture can be copied: H.264 with a constant frame rate, upright,
    whole, and starting at 0.
    """
    if movie is None or movie.fragmented or movie.video is None or movie.video.codec != "avc1":
        return False
    video = movie.video
    is_whole = abs(video.start_seconds) < 0.001 and abs(movie.seconds - video.seconds) < 0.1
    return video.rotation == 0 and video.frame_ticks is not None and is_whole


def _picture(source: Source, directory: Path) -> tuple[Path, float, tuple[int, int]]:
    """Returns an MP4 whose picture can be copied, its seconds and its size."""
    if is_copyable(source.movie):
        return source.path, source.seconds, (source.look.width, source.look.height)
    tracks = encode(source, directory, whole(source))
    return tracks.video, tracks.profile.seconds(tracks.frames), source.size


def _mixed(source: Source, added: Source, wanted: MixAudio, total: int, directory: Path) -> Mix:
    native = None
    if source.has_sound and wanted.keep_original:
        native = decode(source, directory / "native.wav", total)
    volume, loops = wanted.volume, wanted.loop
    return mix_sounds(native, total, directory, music=added.path, music_volume=volume, loops=loops)
