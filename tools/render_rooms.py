"""Renders the demo's sample rooms: `python -m tools.render_rooms [name ...]`.

The pictures are committed; this is the recipe. It takes about half a CPU minute a picture and
needs NumPy, a development tool only. `--draft` makes small quick ones.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tools.rooms import outdoors as out
from tools.rooms import rooms_day as day
from tools.rooms import rooms_meals as meals
from tools.rooms import rooms_rest as rest
from tools.rooms.picture import Camera, take
from tools.rooms.scene import Scene

FOLDER = Path(__file__).parents[1] / "local" / "demo" / "rooms"
MAX_BYTES = 340_000
LANDSCAPE, PORTRAIT = (1600, 900), (900, 1600)

PICTURES: dict[str, tuple[Callable[[], Scene], Camera, tuple[int, int]]] = {
    "01-exterior": (out.exterior, Camera((-4.6, 1.6, -3.6), 16, 72, 0.08, 0.8), LANDSCAPE),
    "02-hallway": (day.hallway, Camera((1.42, 1.3, 0.35), 0, 70), LANDSCAPE),
    "03-living-room": (day.living_room, Camera((3.9, 1.25, 0.25), -4, 76), LANDSCAPE),
    "04-kitchen": (meals.kitchen, Camera((2.6, 1.35, 0.3), 3, 76), LANDSCAPE),
    "05-dining-room": (meals.dining_room, Camera((2.9, 1.35, 0.3), -4, 74), LANDSCAPE),
    "06-bedroom": (rest.bedroom, Camera((2.2, 1.3, 0.25), 6, 72), LANDSCAPE),
    "07-bathroom": (rest.bathroom, Camera((2.5, 1.3, 0.25), -5, 76), LANDSCAPE),
    "08-office": (rest.office, Camera((2.9, 1.3, 0.25), -5, 76), LANDSCAPE),
    "09-terrace": (out.terrace, Camera((0.5, 1.5, -1.0), 2, 72, exposure=0.72), LANDSCAPE),
    "10-garden": (out.garden_view, Camera((-8.0, 1.6, -3.5), 28, 70, 0.08, 0.8), LANDSCAPE),
    "portrait/living-room": (day.living_room, Camera((3.5, 1.3, 0.6), 6, 76), PORTRAIT),
}


def render(name: str, draft: bool, folder: Path) -> None:
    """Renders one picture and writes it as a JPEG."""
    build, camera, (width, height) = PICTURES[name]
    began = time.process_time()
    if draft:
        picture = take(build(), camera, width // 2, height // 2, samples=24, subpixels=1)
    else:
        picture = take(build(), camera, width, height)
    target = folder / f"{name}.jpg"
    target.parent.mkdir(parents=True, exist_ok=True)
    save(picture, target)
    print(f"{name}: {time.process_time() - began:.0f} CPU s")


def save(picture: Image.Image, target: Path) -> None:
    """Writes a JPEG, a little coarser where leaves would make it too large."""
    for quality in range(88, 70, -4):
        picture.save(target, quality=quality, optimize=True, progressive=True)
        if target.stat().st_size < MAX_BYTES:
            return


def main() -> None:
    """Renders the named pictures, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *PICTURES], default=[])
    parser.add_argument(
        "--draft", action="store_true", help="half the size, grainy, a few seconds each"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name in options.names or PICTURES:
        render(name, options.draft, options.folder)


if __name__ == "__main__":
    main()
