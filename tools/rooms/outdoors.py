"""The house from outside: the street front, the terrace, the garden."""

from __future__ import annotations

import numpy as np

from tools.rooms import decor as d
from tools.rooms import furniture as f
from tools.rooms import pieces as p
from tools.rooms.house import BLACK, BRASS, LEAF, Opening, frame, glowing, matt, tree, wall
from tools.rooms.scene import Lamp, Scene, day_sky
from tools.rooms.shapes import Material, Shape, Vector
from tools.rooms.stuff import CLAY, GLAZE, LINEN, OCHRE, RUST, STRAW, TEAL, WALNUT, WARM
from tools.rooms.textures import slats, tiles
from tools.rooms.villa import ANTHRACITE, PLASTER, ground, planting, villa

DECK = Material(
    (0.4, 0.27, 0.17),
    slats((0.46, 0.32, 0.21), (0.31, 0.2, 0.125), 0.14),
    specular=0.03,
    roughness=0.25,
)
GLASS = Material((0.02, 0.025, 0.03), specular=0.09, roughness=0.0)
PAVING = Material(
    (0.42, 0.4, 0.37),
    tiles((0.47, 0.45, 0.42), (0.38, 0.365, 0.34), 0.9, 0.6, (0.25, 0.25, 0.22), 0.5),
    specular=0.025,
    roughness=0.3,
)


def open_air(
    name: str, sun: Vector, sun_color: Vector, low: Vector, high: Vector, evening: float
) -> Scene:
    """Returns a scene under the sky; `evening` 0..1 warms the horizon."""
    zenith = (0.6 - 0.22 * evening, 0.95 - 0.2 * evening, 1.85 - 0.45 * evening)
    horizon = (1.7 + 0.15 * evening, 1.72 - 0.12 * evening, 1.85 - 0.65 * evening)
    return Scene(
        name, day_sky(zenith, horizon, (0.22, 0.26, 0.12), sun, 0.35), sun, sun_color, low, high
    )


def exterior() -> Scene:
    """Returns the street front at golden hour, the lamps already lit."""
    scene = open_air(
        "exterior", (-0.62, 0.36, -0.62), (9.5, 6.9, 4.3), (-14, 0.1, -1), (14, 7, 15), 0.75
    )
    scene.groups.append(ground())
    villa(scene)
    planting(scene)
    path = p.Piece()
    path.box((-2.15, 0.01, 3.5), (2.0, 0.06, 10.4), PAVING)
    path.box((7.6, 0.01, 3.5), (4.6, 0.05, 12.4), PAVING)
    path.box((-2.15, 0.06, 8.5), (2.6, 0.12, 0.9), PAVING)
    scene.groups.append(path.shapes)
    for z in (2.5, 4.5, 6.5):
        post = p.Piece((-3.45, 0, z))
        post.cone((0, 0.25, 0), 0.5, 0.04, 0.04, ANTHRACITE)
        post.cone((0, 0.54, 0), 0.08, 0.04, 0.04, glowing(WARM, 3))
        scene.groups.append(post.shapes)
    for x in (-3.3, -0.95):
        scene.groups.append(
            d.plant((x, 0.1, 8.35), 1.15, LEAF, ANTHRACITE, int(x * 10) + 60, 30, 0.28)
        )
    return scene


def garden_view() -> Scene:
    """Returns the house from the lawn, in soft morning sun."""
    scene = open_air(
        "garden", (0.66, 0.52, -0.50), (11.5, 9.8, 7.4), (-14, 0.1, -3), (14, 7, 15), 0.15
    )
    scene.groups.append(ground())
    villa(scene)
    planting(scene)
    terrace = p.Piece()
    terrace.box((-1.2, 0.03, 7.4), (9.0, 0.12, 3.0), DECK)
    for number in range(7):
        terrace.box(
            (-6.5 - number * 0.12, 0.015, 6.6 - number * 0.95),
            (0.95, 0.05, 0.6),
            PAVING,
            (number * 3.0, 0, 0),
        )
    scene.groups.append(terrace.shapes)
    scene.groups.append(f.table((1.0, 0.09, 7.0), (1.8, 0.74, 0.9), WALNUT, BLACK))
    for x in (0.5, 1.5):
        scene.groups.append(f.chair((x, 0.09, 6.4), BLACK, LINEN, 180))
    scene.groups.append(f.sofa((-3.2, 0.09, 7.6), 2.0, LINEN, BLACK, [OCHRE, TEAL], 0, 2))
    scene.groups.append(d.plant((3.0, 0.09, 7.6), 1.5, LEAF, CLAY, 31, 34, 0.36))
    return scene


def terrace() -> Scene:
    """Returns a deck under a pergola, seats around a table, the evening sun behind the trees."""
    scene = open_air(
        "terrace", (-0.52, 0.33, 0.58), (12.0, 7.6, 3.9), (-5, 0.1, 0), (6, 3.4, 9), 1.0
    )
    g = scene.groups
    g.append(ground())
    deck = p.Piece()
    deck.box((0.4, 0.05, 3.6), (8.4, 0.12, 7.6), DECK)
    g.append(deck.shapes)
    g += _pergola()
    g.append(
        wall(
            (4.4, 0.1, 8.0),
            90,
            (8.0, 3.1),
            [Opening("right", 1.6, 6.0, 0.05, 2.4, 3, False)],
            PLASTER,
        )
    )
    g.append(
        frame((4.4, 0.1, 8.0), 90, Opening("right", 1.6, 6.0, 0.05, 2.4, 3, False), ANTHRACITE)
    )
    pane = p.Piece((4.63, 0, 4.2))
    pane.box((0, 1.3, 0), (0.02, 2.4, 4.4), GLASS)
    g.append(pane.shapes)
    g.append(f.sofa((0.7, 0.11, 5.9), 2.4, LINEN, BLACK, [OCHRE, RUST, TEAL]))
    g.append(f.sofa((-1.85, 0.11, 4.1), 1.9, LINEN, BLACK, [RUST, OCHRE], -90, 2))
    g.append(f.armchair((2.9, 0.11, 4.2), LINEN, WALNUT, 75))
    g.append(f.table((0.65, 0.11, 4.25), (1.2, 0.36, 0.8), WALNUT, BLACK, 0, 0.06))
    g.append(f.bowl_of_fruit((0.45, 0.47, 4.2), GLAZE))
    g.append(d.vase((0.95, 0.47, 4.35), 0.18, CLAY, STRAW, 4))
    for x, z, tall, seed in (
        (-3.1, 5.9, 1.7, 2),
        (3.8, 6.8, 1.6, 7),
        (-3.2, 1.9, 1.2, 9),
        (2.6, 6.9, 1.0, 13),
    ):
        g.append(
            d.plant(
                (x, 0.11, z), tall, LEAF, CLAY if seed % 2 else ANTHRACITE, seed, 34, tall * 0.24
            )
        )
    for x, z in ((-1.2, 6.6), (-0.9, 6.9), (2.2, 2.7)):
        g.append(_lantern((x, 0.11, z)))
        scene.lamps.append(Lamp((x, 0.35, z), (0.5, 0.33, 0.16), 0.03))
    random = np.random.default_rng(9)
    for number in range(16):
        g.append(
            tree(
                (-16 + number * 2.4, 0, float(random.uniform(14, 22))),
                float(random.uniform(4.5, 8.5)),
                number,
                60,
            )
        )
    return scene


def _pergola() -> list[list[Shape]]:
    posts, roof = p.Piece(), p.Piece()
    for x in (-3.4, 4.2):
        for z in (1.6, 7.0):
            posts.box((x, 1.45, z), (0.13, 2.8, 0.13), ANTHRACITE)
    for z in (1.6, 7.0):
        roof.box((0.4, 2.88, z), (7.9, 0.16, 0.12), ANTHRACITE)
    for number in range(16):
        roof.box((-3.3 + number * 0.5, 3.02, 4.3), (0.06, 0.14, 6.0), WALNUT)
    lights = p.Piece()
    for number in range(12):
        sag = 0.25 * (1 - ((number - 5.5) / 5.5) ** 2)
        lights.ball((-3.1 + number * 0.64, 2.72 - sag, 6.9), (0.07, 0.09, 0.07), glowing(WARM, 5))
    return [posts.shapes, roof.shapes, lights.shapes]


def _lantern(at: Vector) -> list[Shape]:
    piece = p.Piece(at)
    piece.box((0, 0.01, 0), (0.2, 0.02, 0.2), BLACK)
    piece.box((0, 0.4, 0), (0.2, 0.02, 0.2), BLACK)
    for x in (-0.09, 0.09):
        for z in (-0.09, 0.09):
            piece.box((x, 0.2, z), (0.014, 0.4, 0.014), BLACK)
    piece.cone((0, 0.1, 0), 0.16, 0.035, 0.035, matt((0.85, 0.8, 0.7)))
    piece.ball((0, 0.23, 0), (0.03, 0.08, 0.03), glowing((1.0, 0.6, 0.25), 9))
    piece.cone((0, 0.45, 0), 0.1, 0.02, 0.005, BRASS)
    return piece.shapes
