"""Furniture: sofas, beds, tables, chairs, kitchens and baths, each standing at a point of the room.

Unless it says otherwise a piece faces local -z, with its back towards +z.
"""

from __future__ import annotations

from tools.rooms.pieces import Piece
from tools.rooms.shapes import Material, Shape, Vector


def sofa(
    at: Vector,
    width: float,
    cover: Material,
    legs: Material,
    cushions: list[Material],
    yaw: float = 0.0,
    seats: int = 3,
) -> list[Shape]:
    """Returns a deep sofa with loose cushions."""
    piece = Piece(at, yaw)
    depth, arm = 0.95, 0.2
    piece.soft((0, 0.22, 0), (width, 0.2, depth), cover, 0.04)
    piece.soft((0, 0.5, depth / 2 - 0.1), (width, 0.62, 0.22), cover, 0.09)
    for side in (-1, 1):
        piece.soft((side * (width / 2 - arm / 2), 0.38, 0), (arm, 0.5, depth), cover, 0.08)
        for z in (-0.38, 0.38):
            piece.cone((side * (width / 2 - 0.12), 0.06, z), 0.12, 0.014, 0.022, legs)
    inner = (width - 2 * arm) / seats
    for number in range(seats):
        x = -width / 2 + arm + inner * (number + 0.5)
        piece.soft((x, 0.395, -0.07), (inner * 0.985, 0.19, 0.8), cover, 0.075)
        piece.soft((x, 0.64, 0.22), (inner * 0.97, 0.42, 0.22), cover, 0.1, (0, -12, 0))
    for number, cushion in enumerate(cushions):
        side = -1 if number % 2 == 0 else 1
        x = side * (width / 2 - arm - 0.22 - 0.3 * (number // 2))
        piece.pillow(
            (x, 0.66, 0.02 + 0.03 * number), (0.46, 0.46, 0.2), cushion, (side * 14, -22, side * 4)
        )
    return piece.shapes


def armchair(at: Vector, cover: Material, legs: Material, yaw: float = 0.0) -> list[Shape]:
    """Returns a rounded easy chair on thin legs."""
    piece = Piece(at, yaw)
    piece.soft((0, 0.36, 0), (0.66, 0.2, 0.66), cover, 0.09)
    piece.soft((0, 0.66, 0.29), (0.7, 0.6, 0.17), cover, 0.08, (0, -12, 0))
    for side in (-1, 1):
        piece.soft((side * 0.36, 0.48, 0.03), (0.13, 0.3, 0.62), cover, 0.06)
        for z in (-0.26, 0.28):
            piece.cone(
                (side * 0.28, 0.14, z), 0.28, 0.011, 0.018, legs, (0, -6 if z < 0 else 6, side * 6)
            )
    return piece.shapes


def table(
    at: Vector,
    size: Vector,
    top: Material,
    legs: Material,
    yaw: float = 0.0,
    leg: float = 0.05,
    thick: float = 0.035,
) -> list[Shape]:
    """Returns a table of the given width, height and depth with four tapered legs."""
    width, height, depth = size
    piece = Piece(at, yaw)
    piece.soft((0, height - thick / 2, 0), (width, thick, depth), top, 0.012)
    for x in (-1, 1):
        for z in (-1, 1):
            piece.cone(
                (x * (width / 2 - 0.1), (height - thick) / 2, z * (depth / 2 - 0.1)),
                height - thick,
                leg * 0.32,
                leg * 0.55,
                legs,
                (0, -z * 4, x * 4),
            )
    return piece.shapes


def round_table(
    at: Vector, height: float, radius: float, top: Material, foot: Material
) -> list[Shape]:
    """Returns a round table on a turned foot."""
    piece = Piece(at)
    piece.cone((0, height - 0.015, 0), 0.03, radius, radius, top)
    piece.cone((0, height / 2, 0), height - 0.03, radius * 0.22, radius * 0.12, foot)
    piece.cone((0, 0.012, 0), 0.024, radius * 0.6, radius * 0.55, foot)
    return piece.shapes


def chair(at: Vector, wood: Material, seat: Material, yaw: float = 0.0) -> list[Shape]:
    """Returns a dining chair with a padded seat and a curved back."""
    piece = Piece(at, yaw)
    piece.soft((0, 0.455, 0), (0.45, 0.06, 0.44), seat, 0.028)
    piece.box((0, 0.415, 0), (0.42, 0.03, 0.41), wood)
    for x in (-1, 1):
        piece.cone((x * 0.18, 0.21, -0.18), 0.42, 0.012, 0.019, wood, (0, 4, x * 4))
        piece.cone((x * 0.19, 0.43, 0.2), 0.86, 0.012, 0.017, wood, (0, 5, x * 2))
    piece.soft((0, 0.76, 0.225), (0.44, 0.2, 0.035), seat, 0.017, (0, 7, 0))
    return piece.shapes


def bed(
    at: Vector,
    width: float,
    frame: Material,
    linen: Material,
    blanket: Material,
    pillows: Material,
    accent: Material,
) -> list[Shape]:
    """Returns a made bed: headboard, mattress, duvet, a throw at the foot, pillows."""
    piece = Piece(at)
    piece.soft((0, 0.58, 1.05), (width + 0.24, 1.1, 0.11), frame, 0.05)
    for number in range(5):
        panel = (width + 0.16) / 5
        piece.soft(
            (-(width + 0.16) / 2 + panel * (number + 0.5), 0.72, 0.99),
            (panel * 0.985, 0.78, 0.08),
            frame,
            0.035,
        )
    piece.soft((0, 0.2, 0), (width + 0.1, 0.22, 2.1), frame, 0.03)
    piece.soft((0, 0.41, 0), (width, 0.24, 2.04), linen, 0.07)
    piece.soft((0, 0.47, -0.28), (width + 0.12, 0.2, 1.5), linen, 0.09)
    piece.soft((0, 0.5, -0.62), (width + 0.16, 0.17, 0.62), blanket, 0.075)
    for side in (-1, 1):
        x = side * width * 0.25
        piece.pillow((x, 0.66, 0.78), (width * 0.44, 0.44, 0.2), pillows, (side * 2, -24, 0))
        piece.pillow((x * 0.94, 0.64, 0.6), (width * 0.4, 0.38, 0.19), linen, (-side * 3, -30, 0))
    piece.pillow((0.05, 0.62, 0.42), (0.58, 0.32, 0.17), accent, (5, -32, 0))
    return piece.shapes


def cabinet(  # noqa: PLR0913, PLR0917  # a cabinet has that many sides
    at: Vector,
    size: Vector,
    front: Material,
    handle: Material,
    columns: int,
    rows: int = 1,
    yaw: float = 0.0,
    plinth: float = 0.08,
    knobs: bool = True,
) -> list[Shape]:
    """Returns a run of cabinets with fitted fronts, small gaps and bar handles."""
    width, height, depth = size
    piece = Piece(at, yaw)
    piece.box((0, (height + plinth) / 2, 0.012), (width, height - plinth, depth - 0.024), front)
    if plinth:
        piece.box((0, plinth / 2, 0.04), (width, plinth, depth - 0.08), Material((0.1, 0.1, 0.1)))
    wide, tall = width / columns, (height - plinth) / rows
    for number in range(columns):
        for level in range(rows):
            x, y = -width / 2 + wide * (number + 0.5), plinth + tall * (level + 0.5)
            piece.box(
                (x, y, -depth / 2 + 0.004), (wide - 0.006, tall - 0.006, 0.02), front, bevel=0.003
            )
            if knobs:
                piece.box(
                    (x, y + tall / 2 - 0.055, -depth / 2 - 0.02),
                    (min(0.2, wide * 0.4), 0.012, 0.014),
                    handle,
                )
    return piece.shapes


def shelf(
    at: Vector, size: Vector, board: Material, levels: int, yaw: float = 0.0, uprights: int = 2
) -> list[Shape]:
    """Returns an open shelf."""
    width, height, depth = size
    piece = Piece(at, yaw)
    for number in range(uprights):
        x = -width / 2 + width * number / (uprights - 1)
        piece.box((x, height / 2, 0), (0.025, height, depth), board)
    for level in range(levels):
        piece.box(
            (0, 0.05 + (height - 0.07) * level / (levels - 1), 0), (width, 0.025, depth), board
        )
    piece.box((0, height / 2, depth / 2 - 0.005), (width, height, 0.01), board)
    return piece.shapes


def bathtub(at: Vector, enamel: Material, metal: Material, length: float = 1.75) -> list[Shape]:
    """Returns a free-standing oval tub with a standing tap."""
    piece = Piece(at)
    wide = length / 0.8
    piece.cone((0, 0.3, 0), 0.52, 0.29, 0.385, enamel, stretch=wide)
    piece.cone((0, 0.57, 0), 0.02, 0.4, 0.4, enamel, stretch=wide)
    piece.cone(
        (0, 0.58, 0),
        0.008,
        0.36,
        0.36,
        Material((0.5, 0.66, 0.68), specular=0.05, roughness=0.01),
        stretch=wide,
    )
    piece.cone((0, 0.03, 0), 0.06, 0.27, 0.27, Material((0.1, 0.1, 0.1)), stretch=wide)
    piece.cone((0.25, 0.5, 0.58), 1.0, 0.016, 0.016, metal)
    piece.cone((0.25, 0.99, 0.45), 0.28, 0.014, 0.014, metal, (0, 90, 0))
    piece.cone((0.25, 0.95, 0.32), 0.09, 0.014, 0.014, metal)
    return piece.shapes


def basin(at: Vector, enamel: Material, metal: Material) -> list[Shape]:
    """Returns a round bowl on a counter, with a tall tap behind it."""
    piece = Piece(at)
    piece.cone((0, 0.07, 0), 0.14, 0.15, 0.21, enamel)
    piece.cone(
        (0, 0.141, 0), 0.006, 0.19, 0.19, Material((0.55, 0.57, 0.58), specular=0.04, roughness=0.1)
    )
    piece.cone((0, 0.16, 0.25), 0.32, 0.014, 0.014, metal)
    piece.cone((0, 0.31, 0.17), 0.18, 0.012, 0.012, metal, (0, 90, 0))
    return piece.shapes


def stool(at: Vector, seat: Material, legs: Material, height: float = 0.66) -> list[Shape]:
    """Returns a round bar stool with a foot ring made of bars."""
    piece = Piece(at)
    piece.cone((0, height, 0), 0.05, 0.175, 0.19, seat)
    for x in (-1, 1):
        for z in (-1, 1):
            piece.cone(
                (x * 0.14, height / 2, z * 0.14), height, 0.012, 0.014, legs, (0, -z * 5, x * 5)
            )
        piece.box((x * 0.165, 0.22, 0), (0.014, 0.014, 0.32), legs)
        piece.box((0, 0.22, x * 0.165), (0.32, 0.014, 0.014), legs)
    return piece.shapes


def bowl_of_fruit(at: Vector, bowl: Material) -> list[Shape]:
    """Returns a shallow bowl with lemons and limes."""
    piece = Piece(at)
    piece.cone((0, 0.035, 0), 0.07, 0.08, 0.16, bowl)
    lemon, lime = (
        Material((0.85, 0.66, 0.1), specular=0.04, roughness=0.2),
        Material((0.33, 0.5, 0.1), specular=0.04, roughness=0.2),
    )
    for number, (x, y, z) in enumerate(
        [
            (0.05, 0.085, 0.03),
            (-0.06, 0.085, 0.02),
            (0.0, 0.085, -0.07),
            (0.0, 0.13, 0.0),
            (-0.02, 0.085, 0.08),
        ]
    ):
        piece.ball(
            (x, y, z), (0.085, 0.075, 0.075), lime if number == 2 else lemon, (40 * number, 0, 0)
        )
    return piece.shapes
