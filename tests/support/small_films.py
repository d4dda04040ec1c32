"""Films of the stacks under test have half the width and height that they are sold with.

Runs in the functions' processes before the functions do (`SHOWREEL_PRELOAD`). What films cost, hold
and wait for doesn't depend on their size; most of what their tests compute does. A film in full
size is made by `tests/demo/test_end_to_end.py`. Vendors take no smaller pictures.
"""

from showreel.media.profile import SHORT_SIDES

SHARE = 2
SMALL_FILMS = {"SHOWREEL_PRELOAD": __file__}
"""The variable of a stack that makes its films small."""


def small(*sides: int) -> tuple[int, ...]:
    """Returns sides of films in full size as these films have them."""
    return tuple(side // SHARE for side in sides)


if __name__ == "preload":
    SHORT_SIDES |= {name: side // SHARE for name, side in SHORT_SIDES.items()}
