"""Pictures of a finished film: a poster, and a contact sheet from its sync frames."""

import math
from collections.abc import Sequence
from pathlib import Path

from showreel.media.movie import VideoTrack, read_movie
from showreel.media.profile import JPEG_COLOURS, Profile
from showreel.media.runner import mp4_input, run

TILE_WIDTH = 320
MOST_TILES = 25

_JPEG = ("-an", "-c:v", "mjpeg", "-frames:v", "1", "-update", "1", "-f", "image2")


def render_poster(film: Path, destination: Path, profile: Profile, *, frame: int) -> None:
    """Renders one frame as a JPEG of the film's size."""
    seek = ["-ss", f"{max(0.0, frame - 0.5) / profile.fps:.6f}"]
    output = ["-map", "0:v:0", "-vf", JPEG_COLOURS, "-q:v", "3", *_JPEG, str(destination.resolve())]
    run([*seek, *mp4_input(film), *output], destination.resolve().parent)


def render_contact_sheet(film: Path, destination: Path, *, frames: Sequence[int]) -> None:
    """Renders a JPEG with a tile for each of `frames`: its nearest sync frame. Of more than 25
    frames it shows 25, spread over the whole film.
    """
    picture = read_movie(film).picture
    wanted = sorted({_sync_index(picture, frame) for frame in frames})
    tiles = sheet_filters(_spread(wanted, MOST_TILES))
    output = ["-map", "0:v:0", "-vf", tiles, "-fps_mode", "passthrough"]
    arguments = ["-skip_frame", "nokey", *mp4_input(film), *output, "-q:v", "4", *_JPEG]
    run([*arguments, str(destination.resolve())], destination.resolve().parent)


def _spread(numbers: Sequence[int], most: int) -> Sequence[int]:
    """Returns at most so many numbers: the first, the last, and evenly spaced ones between."""
    if len(numbers) <= most:
        return numbers
    return [numbers[round(place * (len(numbers) - 1) / (most - 1))] for place in range(most)]


def sheet_filters(wanted: Sequence[int]) -> str:
    """Returns filters that pick sync frames by number and tile them nearly square."""
    across = math.ceil(math.sqrt(len(wanted)))
    down = math.ceil(len(wanted) / across)
    picked = "+".join(f"eq(n\\,{number})" for number in wanted)
    tile = f"tile={across}x{down}:padding=4:margin=4"
    return f"select={picked},scale={TILE_WIDTH}:-2,{JPEG_COLOURS},{tile}"


def _sync_index(picture: VideoTrack, frame: int) -> int:
    """Returns the number, among sync frames, of the one nearest to `frame`."""
    numbered = enumerate(picture.sync_frames)
    return min(numbered, key=lambda one: abs(one[1] - frame), default=(0, 0))[0]
