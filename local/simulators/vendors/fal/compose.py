"""fal's compose: media on tracks become one real MP4, by FFmpeg.

A keyframe shows its medium from the medium's beginning, at `timestamp`, for `duration`, both in
milliseconds. The picture has size and rate of the first one that is shown; it is black where
nothing is. Sounds are laid over each other as loud as they are.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from local.simulators.fetching import fetch
from local.simulators.rendering import Rendered
from local.simulators.vendors.fal.errors import InputRefused

MODEL = "fal-ai/ffmpeg-api/compose"
_KINDS = frozenset({"video", "image", "audio"})
_LOOKS = re.compile(r"Video: .*? (?P<width>\d{2,5})x(?P<height>\d{2,5}).*?(?P<fps>[\d.]+) fps")
_USUAL_RATE = "30"
_POLITENESS = 5


@dataclass(frozen=True)
class Laid:
    """A medium on a track; times in seconds."""

    kind: str
    at: float
    seconds: float
    path: Path


def compose(inputs: dict[str, object], folder: Path, ffmpeg: Path) -> Rendered:
    """Returns the film and its thumbnail. Raises InputRefused."""
    folder.mkdir(parents=True, exist_ok=True)
    film = Path(tempfile.mkdtemp(dir=folder)) / "output.mp4"
    with tempfile.TemporaryDirectory(dir=folder) as name:
        laid = list(_laid(inputs.get("tracks"), Path(name)))
        shown = sorted((one for one in laid if one.kind != "audio"), key=lambda one: one.at)
        heard = [one for one in laid if one.kind == "audio"]
        if not shown:
            raise InputRefused("tracks", "No video or image track", "value_error")
        _run(ffmpeg, [*_inputs([*shown, *heard]), *_graph(shown, heard, ffmpeg), str(film)])
    thumbnail = film.with_name("thumbnail.jpg")
    _run(ffmpeg, ["-i", str(film), "-frames:v", "1", str(thumbnail)])
    return Rendered(film, max(one.at + one.seconds for one in shown), (thumbnail,))


def _laid(tracks: object, folder: Path) -> Iterator[Laid]:
    for track in tracks if isinstance(tracks, list) else []:
        kind = track.get("type") if isinstance(track, dict) else None
        frames = track.get("keyframes") if isinstance(track, dict) else None
        if kind not in _KINDS or not isinstance(frames, list) or not frames:
            raise InputRefused("tracks", "Input should be a valid track", "value_error")
        for number, frame in enumerate(frames):
            path = folder / f"{len(list(folder.iterdir()))}-{number}"
            yield _keyframe(str(kind), frame, path)


def _keyframe(kind: str, frame: object, path: Path) -> Laid:
    fields = frame if isinstance(frame, dict) else {}
    at, lasts = fields.get("timestamp", 0), fields.get("duration")
    if not isinstance(at, int | float) or not isinstance(lasts, int | float) or lasts <= 0:
        raise InputRefused("tracks", "Input should be a valid number", "float_type")
    try:
        answer = fetch(str(fields.get("url")))
        path.write_bytes(answer.raise_for_status().content)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        text = "Failed to download the file"
        raise InputRefused("tracks", text, "file_download_error") from error
    return Laid(kind, at / 1000, lasts / 1000, path)


def _inputs(laid: list[Laid]) -> Iterator[str]:
    for one in laid:
        yield from ("-loop", "1") if one.kind == "image" else ()
        yield from ("-i", str(one.path))


def _graph(shown: list[Laid], heard: list[Laid], ffmpeg: Path) -> list[str]:
    """Returns the filters and what is written of them."""
    width, height, rate = _looks(shown[0].path, ffmpeg)
    pad = f"pad={width}:{height}:-1:-1"
    size = f"scale={width}:{height}:force_original_aspect_ratio=decrease,{pad},setsar=1"
    parts, joined, end = list[str](), list[str](), 0.0
    for number, one in enumerate(shown):
        gap = round(max(0.0, one.at - end) * float(rate))
        if gap:
            black = f"color=black:size={width}x{height}:rate={rate},trim=end_frame={gap},setsar=1"
            parts.append(f"{black}[black{number}]")
            joined.append(f"[black{number}]")
        shape = f"trim=duration={one.seconds:.3f},setpts=PTS-STARTPTS,{size}"
        parts.append(f"[{number}:v]fps={rate},{shape},format=yuv420p[v{number}]")
        joined.append(f"[v{number}]")
        end = max(end, one.at) + one.seconds
    parts.append(f"{''.join(joined)}concat=n={len(joined)}:v=1:a=0,fps={rate}[v]")
    maps = ["-map", "[v]"]
    for number, one in enumerate(heard, len(shown)):
        delay = f"adelay={round(one.at * 1000)}:all=1"
        parts.append(f"[{number}:a]atrim=duration={one.seconds:.3f},{delay}[a{number}]")
    if heard:
        mixed = "".join(f"[a{number}]" for number in range(len(shown), len(shown) + len(heard)))
        parts.append(f"{mixed}amix=inputs={len(heard)}:normalize=0[a]")
        maps += ["-map", "[a]", "-c:a", "aac"]
    codec = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
    return ["-filter_complex", ";".join(parts), *maps, *codec, "-movflags", "+faststart"]


def _looks(path: Path, ffmpeg: Path) -> tuple[int, int, str]:
    """Returns even width and height, and the frames in a second."""
    command = [str(ffmpeg), "-nostdin", "-hide_banner", "-i", str(path)]
    ran = subprocess.run(command, capture_output=True, check=False)
    lines = ran.stderr.decode(errors="replace")
    found = _LOOKS.search(lines)
    if found is None:
        raise InputRefused("tracks", "The video can't be read", "unsupported_video_format")
    is_still = "image2" in lines or "_pipe" in lines
    rate = _USUAL_RATE if is_still else found["fps"]
    return int(found["width"]) // 2 * 2, int(found["height"]) // 2 * 2, rate


def _run(ffmpeg: Path, arguments: list[str]) -> None:
    command = ["nice", "-n", str(_POLITENESS), str(ffmpeg), "-nostdin", "-v", "error", "-y"]
    done = subprocess.run([*command, *arguments], capture_output=True, check=False)
    if done.returncode:
        raise InputRefused("tracks", "The media can't be read", "unsupported_video_format")
