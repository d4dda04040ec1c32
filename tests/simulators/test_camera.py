"""Which movement a prompt gets."""

import pytest

from local.simulators.camera import Move, choose_move


@pytest.mark.parametrize(
    ("prompt", "zoom", "right", "down"),
    [
        ("Slow dolly-in towards the front door", -1, 0, 0),
        ("Gentle push forward down the hallway", -1, 0, 0),
        ("Pull back and reveal the room", 1, 0, 0),
        ("Zoom out from the sofa", 1, 0, 0),
        ("Slow track forward between the rails", -1, 0, 0),
        ("Pan from left to right across the counter", 0, 1, 0),
        ("Slow pan right to left", 0, -1, 0),
        ("Truck left past the shelves", 0, -1, 0),
        ("Orbit right around the table", -1, 1, 0),
        ("Tilt down from the ceiling", 0, 0, 1),
        ("Crane up over the garden", 0, 0, -1),
        ("A kitchen at noon", -1, 1, 0),
    ],
)
def test_the_first_named_movement(prompt: str, zoom: int, right: int, down: int) -> None:
    move = choose_move(prompt)
    assert [_sign(move.zoom - 1), _sign(move.right), _sign(move.down)] == [zoom, right, down]


def test_a_locked_camera_still_breathes() -> None:
    assert choose_move("static shot") == Move(zoom=0.97)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
