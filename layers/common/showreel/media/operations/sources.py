"""Opens untrusted files, each as the kind that its first bytes show, within limits.

The structure is checked before anything is decoded; what it states only decides how much work is
done, and that is bounded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from showreel.assets.audio import MAGIC_BYTES, audio_type, video_type
from showreel.assets.headers import image_type
from showreel.core.errors import MediaError
from showreel.core.framing import Size
from showreel.media.audio_probe import verify_sound
from showreel.media.lengths import read_lengths
from showreel.media.movie import Movie, read_movie
from showreel.media.operations.models import MAX_SECONDS, MediaKind
from showreel.media.operations.shapes import within
from showreel.media.probe import MAX_SIDE as MAX_VIDEO_SIDE
from showreel.media.probe import Picture, look
from showreel.media.profile import Profile
from showreel.media.runner import MAX_PIXELS, media_input

MAX_FPS = 60
USUAL_FPS = 30
"""The rate of a video that states none."""
MAX_WORK_PIXELS = 1920 * 1080 * 30 * 180
"""The most pixels of all frames together: three minutes of full HD, which even as pure noise take
less time than a function has. Reversing counts twice.
"""
_MP4 = frozenset({"video/mp4", "video/quicktime"})


@dataclass(frozen=True)
class Source:
    """A file that was opened. Pictures have no length, sounds no `picture`."""

    path: Path
    kind: MediaKind
    content_type: str
    seconds: float = 0.0
    has_sound: bool = False
    picture: Picture | None = None
    movie: Movie | None = None
    """The tracks of an MP4 or MOV."""

    @property
    def look(self) -> Picture:
        """The look of the video's frames. Raises MediaError `media_no_video` for other files."""
        if self.picture is None:
            raise MediaError("The file has no video", code="media_no_video")
        return self.picture

    @property
    def fps(self) -> int:
        """The video's frame rate, rounded to a whole number from 1 to 60."""
        rate = self.look.frames_per_second or USUAL_FPS
        return min(MAX_FPS, max(1, round(rate)))

    @property
    def size(self) -> Size:
        """The video's upright size in even, square pixels, reduced to the largest that we make."""
        return within((self.look.width, self.look.height))

    @property
    def profile(self) -> Profile:
        """The profile that is nearest to the video as it is."""
        width, height = self.size
        return Profile(width=width, height=height, fps=self.fps)

    def opened(self, start_seconds: int = 0) -> list[str]:
        """Returns arguments that open it from a whole second on: the grid of frames stays."""
        seek = ["-ss", str(start_seconds)] if start_seconds else []
        return [*seek, *media_input(self.path, self.content_type)]


def open_source(path: Path, kinds: Sequence[MediaKind]) -> Source:
    """Returns the opened file. Raises MediaError `media_type` for another kind of file,
    `media_too_long`, `media_too_large`, and as the probes do.
    """
    if path.stat().st_size == 0:
        raise MediaError("The file is empty", code="media_empty")
    source = _opened(path)
    if source.kind not in kinds:
        wanted = " or ".join(kinds)
        raise MediaError(f"The file is a {source.kind}, not a {wanted}", code="media_type")
    if source.seconds > MAX_SECONDS:
        raise MediaError(f"At most {MAX_SECONDS:g} seconds", code="media_too_long")
    return source


def require_work(frames: int, *sizes: Size) -> None:
    """Raises MediaError `media_too_long` if these frames are too much work, in or out."""
    if frames * max(width * height for width, height in sizes) > MAX_WORK_PIXELS:
        raise MediaError("The video is too long for its size", code="media_too_long")


def _opened(path: Path) -> Source:
    with path.open("rb") as file:
        start = file.read(MAGIC_BYTES)
    if content_type := _type(image_type, start):
        return Source(path, "image", content_type)
    if content_type := _type(video_type, start):
        return _video(path, content_type)
    return _sound(path, audio_type(start))


def _type(detect: Callable[[bytes], str], start: bytes) -> str | None:
    try:
        return detect(start)
    except MediaError:
        return None


def _sound(path: Path, content_type: str) -> Source:
    seconds = verify_sound(path, content_type=content_type).seconds
    return Source(path, "audio", content_type, seconds, has_sound=True)


def _video(path: Path, content_type: str) -> Source:
    if content_type not in _MP4:
        return _webm(path, content_type)
    movie = read_movie(path)
    if movie.video is None and movie.sounds:
        return _sound(path, "audio/mp4")
    _check_size((movie.picture.width, movie.picture.height))
    picture = look(path, movie.picture.rotation, content_type)
    stated = min(movie.picture.seconds, picture.seconds or MAX_SECONDS)
    seconds = stated if stated and not movie.fragmented else _read_lengths(path, content_type)[0]
    return Source(path, "video", content_type, seconds, bool(movie.sounds), picture, movie)


def _webm(path: Path, content_type: str) -> Source:
    """Reads all packets for the length: browsers' recordings often state none."""
    picture = look(path, 0, content_type)
    _check_size((picture.width, picture.height))
    seconds, has_sound = _read_lengths(path, content_type)
    return Source(path, "video", content_type, seconds, has_sound, picture)


def _read_lengths(path: Path, content_type: str) -> tuple[float, bool]:
    """Returns the seconds of video, and whether there is sound, by reading the whole file."""
    lengths = read_lengths(path, content_type, MAX_SECONDS)
    if not lengths.of("video"):
        raise MediaError("The file has no video", code="media_no_video")
    return lengths.of("video"), any(track.kind == "audio" for track in lengths.tracks)


def _check_size(size: Size) -> None:
    width, height = size
    if width * height > MAX_PIXELS or max(size) > MAX_VIDEO_SIDE:
        raise MediaError("The video's picture is too large", code="media_too_large")
