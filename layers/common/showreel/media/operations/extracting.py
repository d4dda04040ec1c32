"""Extracts from a video a frame, its sound, or a part as an animated GIF."""

from pathlib import Path

from showreel.core.errors import MediaError
from showreel.core.framing import Size
from showreel.media.framing import colour_filters
from showreel.media.operations.encoding import rate_filter
from showreel.media.operations.models import (
    MAX_GIF_SECONDS,
    ExtractAudio,
    ExtractFrame,
    OperationResult,
    ToGif,
)
from showreel.media.operations.sounds import decode, samples_of, write_sound
from showreel.media.operations.sources import Source, require_work
from showreel.media.operations.timing import seek_seconds
from showreel.media.profile import JPEG_COLOURS
from showreel.media.runner import ProcessLimits, run

_FRAME = {
    "png": (
        "image/png",
        "scale=in_range=tv:in_color_matrix=bt709,format=rgb24",
        ("-c:v", "png", "-compression_level", "4"),
    ),
    "jpeg": ("image/jpeg", JPEG_COLOURS, ("-c:v", "mjpeg", "-q:v", "2")),
}
_ONE = ("-frames:v", "1", "-update", "1", "-f", "image2")
_GIF_LIMITS = ProcessLimits(seconds=120, output_bytes=256 * 1024**2)
_PALETTE = "palettegen=stats_mode=diff"
_DRAWN = "paletteuse=dither=sierra2_4a:diff_mode=rectangle"


def extract_frame(source: Source, wanted: ExtractFrame, directory: Path) -> OperationResult:
    """Writes one frame, upright and in square pixels. Raises MediaError `time_outside`."""
    profile, number = source.profile, frame_number(source, wanted)
    seek = seek_seconds(number / profile.fps)
    picked = number - seek * profile.fps
    content_type, colours, codec = _FRAME[wanted.format]
    size = (source.look.width, source.look.height)
    graph = ",".join(
        [
            rate_filter(profile),
            f"tpad=stop_mode=clone:stop={picked + 1}",
            f"select=eq(n\\,{picked})",
            *colour_filters(source.look, size),
            colours,
            "setsar=1",
        ]
    )
    path = directory / f"out.{wanted.format}"
    run([*source.opened(seek), "-map", "0:v:0", "-vf", graph, *codec, *_ONE, str(path)], directory)
    if not path.exists():
        raise MediaError("The frame can't be read", code="media_undecodable")
    return OperationResult(path, content_type, *size)


def frame_number(source: Source, wanted: ExtractFrame) -> int:
    """Returns the number of the frame wanted. Raises MediaError `time_outside`."""
    profile = source.profile
    last = profile.frames(source.seconds) - 1
    if wanted.at_seconds is not None:
        if wanted.at_seconds > source.seconds:
            message = f"The video ends after {source.seconds:.2f} seconds"
            raise MediaError(message, code="time_outside")
        return min(last, round(wanted.at_seconds * profile.fps))
    return {"first": 0, "middle": last // 2, "last": last}[wanted.position]


def extract_audio(source: Source, wanted: ExtractAudio, directory: Path) -> OperationResult:
    """Writes the sound, as long as the video. Raises MediaError `media_no_sound`."""
    if not source.has_sound:
        raise MediaError("The video has no sound", code="media_no_sound")
    wav = decode(source, directory / "sound.wav", samples_of(source.seconds))
    return write_sound(wav, directory / f"out.{wanted.format}", wanted.format)


def to_gif(source: Source, wanted: ToGif, directory: Path) -> OperationResult:
    """Writes a GIF in two passes, its palette first, so that no frames are held in memory.

    Raises MediaError `time_outside`, and `media_too_long` beyond 20 seconds.
    """
    seconds = min(wanted.duration_seconds or source.seconds, source.seconds - wanted.start_seconds)
    if seconds <= 0:
        message = f"The video ends after {source.seconds:.2f} seconds"
        raise MediaError(message, code="time_outside")
    if seconds > MAX_GIF_SECONDS:
        message = f"A GIF has at most {MAX_GIF_SECONDS:g} seconds: say which"
        raise MediaError(message, code="media_too_long")
    frames, size = max(1, round(seconds * wanted.frames_per_second)), _gif_size(source, wanted)
    require_work(round(seconds * source.fps), (source.look.width, source.look.height))
    seek, graph = seek_seconds(wanted.start_seconds), _gif_filters(source, wanted, size, frames)
    palette, path = directory / "palette.png", directory / "out.gif"
    opened = source.opened(seek)
    one = ["-vf", f"{graph},{_PALETTE}", *_ONE, str(palette)]
    run([*opened, "-map", "0:v:0", *one], directory, limits=_GIF_LIMITS)
    drawn = ["-filter_complex", f"[0:v:0]{graph}[given];[given][1:v]{_DRAWN}[out]", "-map", "[out]"]
    ending = ["-frames:v", str(frames), "-loop", "0" if wanted.loop else "-1", "-f", "gif"]
    painted = ["-f", "png_pipe", "-i", str(palette), *drawn, *ending, str(path)]
    run([*opened, *painted], directory, limits=_GIF_LIMITS)
    return OperationResult(path, "image/gif", *size, seconds=frames / wanted.frames_per_second)


def _gif_size(source: Source, wanted: ToGif) -> Size:
    width, height = source.look.width, source.look.height
    factor = min(1.0, wanted.width / width)
    return max(1, round(width * factor)), max(1, round(height * factor))


def _gif_filters(source: Source, wanted: ToGif, size: Size, frames: int) -> str:
    first = wanted.start_seconds - seek_seconds(wanted.start_seconds)
    rate = wanted.frames_per_second
    return ",".join(
        [
            f"trim=start={first:.6f}",
            "setpts=PTS-STARTPTS",
            f"fps={rate}:start_time=0",
            *colour_filters(source.look, size),
            "scale=in_range=tv:in_color_matrix=bt709,format=rgb24,setsar=1",
            f"tpad=stop_mode=clone:stop={frames}",
            f"trim=end_frame={frames}",
        ]
    )
