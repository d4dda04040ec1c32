"""Which movement a prompt gets, and what the camera then sees."""

import pytest
from PIL import Image, ImageChops

from local.simulators.camera import Canvas, Move, choose_move, seen


@pytest.mark.parametrize(
    ("prompt", "right", "down", "retreats"),
    [
        ("Slow dolly-in towards the front door", 0, 0, False),
        ("Gentle push forward down the hallway", 0, 0, False),
        ("Pull back and reveal the room", 0, 0, True),
        ("Zoom out from the sofa", 0, 0, True),
        ("Slow track forward between the rails", 0, 0, False),
        ("Pan from left to right across the counter", 1, 0, False),
        ("Slow pan right to left", -1, 0, False),
        ("Truck left past the shelves", -1, 0, False),
        ("Orbit right around the table", 1, 0, False),
        ("Tilt down from the ceiling", 0, 1, False),
        ("Crane up over the garden", 0, -1, False),
        ("A kitchen at noon", 1, 0, False),
    ],
)
def test_the_first_named_movement(prompt: str, right: int, down: int, *, retreats: bool) -> None:
    move = choose_move(prompt)
    assert (_sign(move.right), _sign(move.down), move.retreats) == (right, down, retreats)
    boxes = [seen(move, number / 48) for number in range(49)]
    assert boxes[0] == (0, 0, 1, 1), "it starts with the whole picture"
    assert all(0 <= low < high <= 1 for box in boxes for low, high in (box[::2], box[1::2]))
    near, end = boxes[16], boxes[-1]
    assert min(box[2] - box[0] for box in boxes) < 0.9, "it comes closer"
    assert [_sign(_middle(end, axis) - _middle(near, axis)) for axis in (0, 1)] == [right, down]
    assert (end == (0, 0, 1, 1)) == retreats


def test_a_locked_camera_still_breathes() -> None:
    assert choose_move("static shot") == Move(zoom=0.97)


def test_the_whole_picture_is_seen_as_it_is() -> None:
    noise = Image.effect_noise((64, 48), 40).convert("RGB")
    luma, *_ = Canvas(noise, (64, 48)).look((0, 0, 1, 1))
    limited = noise.convert("L").point(lambda grey: round(16 + grey * 219 / 255))
    assert max(ImageChops.difference(luma, limited).getextrema()) <= 1


def _middle(box: tuple[float, ...], axis: int) -> float:
    return round((box[axis] + box[axis + 2]) / 2, 6)


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
