"""The house itself: its volumes, what is seen through its windows, and what grows around it."""

from __future__ import annotations

import numpy as np

from tools.rooms import decor as d
from tools.rooms import furniture as f
from tools.rooms import pieces as p
from tools.rooms.house import (
    BLACK,
    LEAF,
    WALLS,
    WHITE,
    Opening,
    frame,
    glowing,
    matt,
    oak_floor,
    tree,
    wall,
)
from tools.rooms.scene import Lamp, Scene
from tools.rooms.shapes import Material, Shape, Vector
from tools.rooms.stuff import CLAY, LINEN, RUST, STRAW, TEAL, WALNUT, WARM
from tools.rooms.textures import slats, speckle

GRASS = matt((0.1, 0.145, 0.05), speckle((0.045, 0.075, 0.02), (0.15, 0.205, 0.075), 9.0, 7))
CEDAR = Material(
    (0.36, 0.2, 0.1),
    slats((0.44, 0.26, 0.135), (0.25, 0.13, 0.065), 0.11),
    specular=0.02,
    roughness=0.4,
)
PLASTER = matt((0.8, 0.78, 0.74), speckle((0.82, 0.80, 0.76), (0.77, 0.75, 0.71), 18))
ANTHRACITE = Material((0.05, 0.053, 0.058), specular=0.04, roughness=0.2)


def ground() -> list[Shape]:
    """Returns a lawn as far as one sees."""
    piece = p.Piece()
    piece.box((0, -0.5, 20), (160, 1.0, 160), GRASS)
    return piece.shapes


def _volume(at: Vector, size: Vector, skin: Material, openings: list[Opening]) -> list[list[Shape]]:
    """Returns a hollow block of the house with glazed openings, its floor and flat roof."""
    width, height, depth = size
    groups: list[list[Shape]] = []
    for side, (yaw, share_x, share_z) in WALLS.items():
        corner = (at[0] + share_x * width, at[1], at[2] + share_z * depth)
        holes = sorted((o for o in openings if o.wall == side), key=lambda o: o.start)
        length = width if side in ("front", "back") else depth
        groups.append(wall(corner, yaw, (length, height), holes, skin))
        groups += [frame(corner, yaw, hole, ANTHRACITE) for hole in holes]
    slabs = p.Piece(at)
    slabs.box((width / 2, 0.02, depth / 2), (width, 0.08, depth), oak_floor())
    slabs.box((width / 2, height - 0.02, depth / 2), (width, 0.12, depth), WHITE)
    slabs.box(
        (width / 2, height + 0.14, depth / 2),
        (width + 0.9, 0.22, depth + 0.9),
        ANTHRACITE,
        bevel=0.02,
    )
    groups.append(slabs.shapes)
    return groups


def villa(scene: Scene) -> None:
    """Two storeys and a garage, their lamps lit."""
    g = scene.groups
    g += _volume(
        (-6.0, 0.1, 9.0),
        (10.5, 2.9, 6.5),
        PLASTER,
        [
            Opening("front", 0.8, 5.4, 0.08, 2.5, 4, False),
            Opening("front", 6.1, 7.3, 0.08, 2.35, 1, False, True, 1),
            Opening("front", 8.1, 9.8, 0.9, 2.3, 2, False),
            Opening("left", 1.0, 4.0, 0.3, 2.4, 2, False),
        ],
    )
    g += _volume(
        (-4.6, 3.25, 8.0),
        (7.6, 2.7, 6.0),
        CEDAR,
        [
            Opening("front", 0.9, 3.3, 0.5, 2.2, 3, False),
            Opening("front", 4.3, 6.7, 0.5, 2.2, 3, False),
            Opening("left", 1.2, 3.6, 0.5, 2.2, 2, False),
        ],
    )
    g += _volume(
        (5.0, 0.05, 9.8), (5.2, 2.5, 5.6), CEDAR, [Opening("front", 0.7, 4.5, 0.02, 2.15, 6, False)]
    )
    for x, y, z, power in (
        (2.2, 2.1, 11.2, 9.0),
        (-0.9, 2.1, 10.8, 5.0),
        (-3.6, 2.1, 11.2, 6.0),
        (-2.4, 5.2, 10.5, 6.0),
        (1.4, 5.2, 10.5, 6.0),
        (7.6, 2.0, 12.0, 4.0),
    ):
        scene.lamps.append(Lamp((x, y, z), (power * 2.2, power * 1.45, power * 0.72), 0.15))
    inside = p.Piece()
    for x, z in ((2.4, 11.3), (1.0, 11.0), (-2.6, 10.6)):
        inside.ball((x, 1.9, z), (0.42, 0.3, 0.42), glowing(WARM, 2.5))
        inside.cone((x, 2.5, z), 1.0, 0.01, 0.01, BLACK)
    g.append(inside.shapes)
    g.append(f.sofa((1.7, 0.16, 13.2), 2.4, LINEN, WALNUT, [RUST, TEAL]))
    g.append(d.picture_frame((1.7, 1.8, 15.4), 1.3, 0.9, TEAL, BLACK))
    g.append(d.plant((-0.2, 0.16, 10.4), 1.6, LEAF, CLAY, 4, 30, 0.4))
    for x in (-4.0, -2.4, 0.6, 2.3):
        g.append(d.curtain((x, 3.4, 8.5), 0.5, 2.3, LINEN))


def planting(scene: Scene, hedge_side: float = 1.0) -> None:
    """Trees behind the house, hedges and grasses in front of it."""
    g, random = scene.groups, np.random.default_rng(77)
    for x, z, height in (
        (-12, 13, 8.5),
        (-9.5, 19, 10),
        (12.5, 17, 9.5),
        (15, 11, 7.5),
        (3, 24, 9.5),
        (-17, 22, 11),
        (9, 26, 10),
        (-3, 26, 11),
        (19, 24, 11),
        (-24, 16, 9),
    ):
        g.append(tree((x, 0, z), height, int(random.integers(99)), 60))
    shrub = matt((0.1, 0.17, 0.06), speckle((0.035, 0.075, 0.02), (0.17, 0.27, 0.085), 9, 5))
    for start, count, depth in ((-11.0, 12, 7.9), (4.8 * hedge_side, 7, 8.8)):
        bed = p.Piece((start, 0, depth))
        for number in range(count):
            wide = float(random.uniform(0.55, 1.0))
            bed.leaves(
                (number * 0.5, wide * 0.33, float(random.uniform(-0.2, 0.2))),
                (wide, wide * 0.85, wide),
                shrub,
                0.045,
            )
        g.append(bed.shapes)
    grasses = p.Piece((-5.6, 0, 7.7))
    for _ in range(70):
        lean, angle = float(random.uniform(3, 24)), float(random.uniform(0, 360))
        grasses.cone(
            (float(random.uniform(0, 4.2)), 0.36, float(random.uniform(-0.25, 0.25))),
            0.8,
            0.012,
            0.001,
            STRAW,
            (angle, lean, 0),
        )
    g.append(grasses.shapes)
