"""What makes a room lived in: plants, vases, books, curtains, pictures, lamps."""

from __future__ import annotations

import math

import numpy as np

from tools.rooms.pieces import Piece
from tools.rooms.shapes import Material, Shape, Vector


def plant(
    at: Vector,
    height: float,
    leaf: Material,
    pot: Material,
    seed: int,
    leaves: int = 34,
    leaf_size: float = 0.3,
) -> list[Shape]:
    """Returns a potted plant with broad arching leaves."""
    piece, random = Piece(at), np.random.default_rng(seed)
    pot_height = height * 0.24
    piece.cone((0, pot_height / 2, 0), pot_height, height * 0.10, height * 0.14, pot)
    piece.cone(
        (0, pot_height + 0.004, 0),
        0.01,
        height * 0.125,
        height * 0.125,
        Material((0.09, 0.06, 0.04)),
    )
    for number in range(leaves):
        angle = number * 137.5 + random.uniform(-20, 20)
        level = random.uniform(0.0, 1.0)
        lean = 78 - 62 * level + random.uniform(-8, 8)
        length = leaf_size * random.uniform(0.75, 1.2)
        stem = pot_height + (height - pot_height - length * 0.5) * (0.25 + 0.7 * level)
        _leaf(piece, (stem, angle, lean, length), leaf)
    for _ in range(5):
        tilt = random.uniform(-7, 7, 2)
        piece.cone(
            (0, (height * 0.85 + pot_height) / 2, 0),
            height * 0.72 - pot_height * 0.5,
            0.009,
            0.005,
            Material((0.16, 0.2, 0.08)),
            (0, float(tilt[0]), float(tilt[1])),
        )
    return piece.shapes


def _leaf(piece: Piece, bend: tuple[float, float, float, float], leaf: Material) -> None:
    """One leaf: `bend` is the stem's height, the angle around it, the lean, the length."""
    stem, angle, lean, length = bend
    around, out = math.radians(angle), math.radians(lean)
    reach = length * 0.62
    center = (
        math.sin(around) * math.sin(out) * reach,
        stem + math.cos(out) * reach * 0.8,
        math.cos(around) * math.sin(out) * reach,
    )
    piece.ball(center, (length * 0.42, 0.008, length), leaf, (angle, -(90 - lean) + 8, 0))


def vase(
    at: Vector, height: float, glaze: Material, stems: Material | None = None, seed: int = 1
) -> list[Shape]:
    """Returns a bellied vase, with a few dry stems if a material is given."""
    piece, random = Piece(at), np.random.default_rng(seed)
    piece.ball((0, height * 0.4, 0), (height * 0.62, height * 0.8, height * 0.62), glaze)
    piece.cone((0, height * 0.85, 0), height * 0.3, height * 0.11, height * 0.15, glaze)
    if stems:
        for _ in range(9):
            lean, angle = random.uniform(4, 22), random.uniform(0, 360)
            length = height * random.uniform(1.2, 1.9)
            top = math.radians(lean)
            reach = (
                math.sin(math.radians(angle)) * math.sin(top),
                math.cos(top),
                math.cos(math.radians(angle)) * math.sin(top),
            )
            middle = tuple(c * length / 2 for c in reach)
            piece.cone(
                (middle[0], height * 0.9 + middle[1], middle[2]),
                length,
                0.003,
                0.002,
                stems,
                (angle, lean, 0),
            )
            piece.ball(
                (reach[0] * length, height * 0.9 + reach[1] * length, reach[2] * length),
                (0.035, 0.16, 0.035),
                stems,
                (angle, lean, 0),
            )
    return piece.shapes


def books(
    at: Vector, width: float, seed: int, yaw: float = 0.0, height: float = 0.25
) -> list[Shape]:
    """Returns a row of books standing on a shelf, running along the local x axis."""
    piece, random = Piece(at, yaw), np.random.default_rng(seed)
    palette = [
        (0.62, 0.56, 0.46),
        (0.2, 0.26, 0.32),
        (0.5, 0.2, 0.14),
        (0.75, 0.72, 0.66),
        (0.16, 0.24, 0.2),
        (0.55, 0.42, 0.22),
    ]
    x = 0.0
    while x < width:
        thick, tall = random.uniform(0.018, 0.05), height * random.uniform(0.72, 1.0)
        color = palette[int(random.integers(len(palette)))]
        lean = 9.0 if random.random() < 0.07 else 0.0
        piece.box(
            (x + thick / 2, tall / 2, 0),
            (thick * 0.93, tall, 0.17),
            Material(color, specular=0.03, roughness=0.4),
            (0, 0, -lean),
            0.006,
        )
        x += thick + (0.03 if lean else 0.0)
    return piece.shapes


def curtain(
    at: Vector,
    width: float,
    height: float,
    material: Material,
    yaw: float = 0.0,
    folds: float = 0.085,
) -> list[Shape]:
    """Returns a hanging curtain of soft folds along the local x axis."""
    piece = Piece(at, yaw)
    for number in range(max(2, round(width / folds))):
        depth = 0.045 if number % 2 else 0.033
        center = ((number + 0.5) * folds, height / 2, 0.012 * (-1) ** number)
        piece.soft(center, (folds * 1.25, height, depth * 2), material, depth * 0.98)
    return piece.shapes


def picture_frame(
    at: Vector,
    width: float,
    height: float,
    art: Material,
    frame: Material,
    yaw: float = 0.0,
    mat: float = 0.05,
) -> list[Shape]:
    """Returns a framed picture facing local -z, its middle at `at`."""
    piece = Piece(at, yaw)
    for side in (-1, 1):
        piece.box((side * (width / 2), 0, 0), (0.025, height + 0.025, 0.035), frame)
        piece.box((0, side * (height / 2), 0), (width + 0.025, 0.025, 0.035), frame)
    piece.box((0, 0, 0.008), (width, height, 0.012), Material((0.86, 0.85, 0.82)))
    piece.box((0, 0, 0.002), (width - 2 * mat, height - 2 * mat, 0.012), art)
    return piece.shapes


def pendant(
    at: Vector,
    ceiling: float,
    shade: Material,
    glow: Material,
    width: float = 0.32,
    cord: Material | None = None,
) -> list[Shape]:
    """Returns a hanging lamp with a dome shade and a glowing bulb at `at`."""
    piece = Piece(at)
    cord = cord or Material((0.06, 0.06, 0.06), casts=False)
    piece.cone((0, (ceiling - at[1]) / 2 + 0.1, 0), ceiling - at[1] - 0.1, 0.005, 0.005, cord)
    piece.cone((0, 0.05, 0), width * 0.55, width / 2, width * 0.1, shade)
    piece.ball((0, -0.09, 0), (0.12, 0.12, 0.12), glow)
    return piece.shapes


def floor_lamp(at: Vector, height: float, shade: Material, metal: Material) -> list[Shape]:
    """Returns a standing lamp with a drum shade."""
    piece = Piece(at)
    piece.cone((0, 0.012, 0), 0.024, 0.15, 0.15, metal)
    piece.cone((0, height / 2, 0), height, 0.011, 0.011, metal)
    piece.cone((0, height, 0), 0.3, 0.22, 0.17, shade)
    return piece.shapes


def table_lamp(at: Vector, base: Material, shade: Material) -> list[Shape]:
    """Returns a small lamp on a ball foot."""
    piece = Piece(at)
    piece.ball((0, 0.11, 0), (0.2, 0.22, 0.2), base)
    piece.cone((0, 0.25, 0), 0.1, 0.012, 0.012, base)
    piece.cone((0, 0.38, 0), 0.22, 0.16, 0.11, shade)
    return piece.shapes
