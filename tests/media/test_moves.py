import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showreel.media.camera import MOST_TRAVEL, View, perspective, quad, view_at, view_box
from showreel.media.moves import Move, MoveKind, move_from_prompt
from showreel.media.stills import CANVAS_SCALE, MOST_ROOM


@pytest.mark.parametrize(
    ("prompt", "kind", "amount"),
    [
        ("Slow dolly-in towards the facade, crisp brick", MoveKind.DOLLY_IN, 0.5),
        ("The camera pushes forward down the hallway", MoveKind.DOLLY_IN, 0.75),
        ("Pull back from the table", MoveKind.DOLLY_OUT, 0.75),
        ("dolly out slowly", MoveKind.DOLLY_OUT, 0.5),
        ("Zoom out fast", MoveKind.DOLLY_OUT, 1.0),
        ("Sweeping pan across the room", MoveKind.PAN_RIGHT, 0.9),
        ("camera pans from right to left", MoveKind.PAN_LEFT, 0.75),
        ("Pan left to right, gentle", MoveKind.PAN_RIGHT, 0.5),
        ("Track right past the desk on the left", MoveKind.TRACK_RIGHT, 0.75),
        ("gentle lateral track left", MoveKind.TRACK_LEFT, 0.5),
        ("Tilt up to the ceiling", MoveKind.TILT_UP, 0.75),
        ("crane down quickly", MoveKind.TILT_DOWN, 1.0),
        ("Orbit left around the island", MoveKind.ORBIT_LEFT, 0.75),
        ("a sunny kitchen", MoveKind.DOLLY_IN, 0.6),
        ("", MoveKind.DOLLY_IN, 0.6),
    ],
)
def test_prompt_words_choose_the_move(prompt, kind, amount) -> None:
    assert move_from_prompt(prompt) == Move(kind, amount)


SHARES = st.floats(0, 1)
SIZE = (1600, 900)
ROOM = st.floats(CANVAS_SCALE, MOST_ROOM)


@settings(deadline=None)
@given(st.sampled_from(MoveKind), SHARES, SHARES, st.tuples(ROOM, ROOM))
def test_the_camera_never_sees_past_the_canvas(kind, amount, share, room) -> None:
    view = view_at(Move(kind, amount), share, room)
    for x, y in quad(view_box(SIZE, view, room), view):
        assert -1e-6 <= x <= SIZE[0] + 1e-6
        assert -1e-6 <= y <= SIZE[1] + 1e-6
    assert 1 <= view.scale <= CANVAS_SCALE


@settings(deadline=None)
@given(st.sampled_from(MoveKind), ROOM)
def test_no_camera_hurries(kind, more) -> None:
    room = (more, more)
    boxes = [view_box((100, 100), view_at(Move(kind, 1.0), share, room), room) for share in (0, 1)]
    for axis, own in enumerate(room):
        middles = [(box[axis] + box[axis + 2]) / 200 * own for box in boxes]
        assert abs(middles[1] - middles[0]) <= MOST_TRAVEL + 1e-6


@settings(deadline=None)
@given(st.sampled_from(MoveKind), st.floats(0.1, 1))
def test_every_move_moves(kind, amount) -> None:
    assert view_at(Move(kind, amount), 0) != view_at(Move(kind, amount), 1)


@pytest.mark.parametrize("view", [View(1.1, swing=0.09), View(1.1, 0.3, -0.2, nod=-0.05)])
def test_perspective_maps_the_frame_onto_the_quad(view) -> None:
    corners = quad(view_box(SIZE, view), view)
    a, b, c, d, e, f, g, h = perspective(corners, (1280, 720))
    for (x, y), (want_x, want_y) in zip(
        [(0, 0), (1280, 0), (1280, 720), (0, 720)], corners, strict=True
    ):
        depth = g * x + h * y + 1
        assert (a * x + b * y + c) / depth == pytest.approx(want_x, abs=1e-6)
        assert (d * x + e * y + f) / depth == pytest.approx(want_y, abs=1e-6)


def test_perspective_is_as_a_camera_sees_it() -> None:
    looking_up = view_at(Move(MoveKind.TILT_UP, 1), 1)
    assert looking_up.nod < 0  # the upper side is farther away
    from_the_right = view_at(Move(MoveKind.ORBIT_RIGHT, 1), 1)
    assert from_the_right.swing < 0  # the left side is farther away
