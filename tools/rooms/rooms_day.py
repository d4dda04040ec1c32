"""The rooms people live in by day: living room, kitchen, dining room, hallway."""

from __future__ import annotations

from tools.rooms import decor as d
from tools.rooms import furniture as f
from tools.rooms import pieces as p
from tools.rooms.house import (
    BLACK,
    BRASS,
    LEAF,
    OAK_DARK,
    OAK_LIGHT,
    Finish,
    Opening,
    garden,
    glowing,
    interior,
    matt,
)
from tools.rooms.scene import Lamp, Scene
from tools.rooms.shapes import Material, Shape
from tools.rooms.stuff import (
    CLAY,
    GLAZE,
    LINEN,
    OAK,
    OCHRE,
    PALETTE,
    RUST,
    SHEER,
    STRAW,
    TEAL,
    WALNUT,
    WARM,
    carpet,
)
from tools.rooms.textures import chevron, painting, tiles


def living_room() -> Scene:
    """Returns a wide room with a sofa, a rug, tall windows to the left and a sunny floor."""
    floor = Material(OAK_LIGHT, chevron(OAK_LIGHT, OAK_DARK), specular=0.04, roughness=0.11)
    scene = interior(
        "living-room",
        (6.6, 2.9, 6.2),
        Finish(floor, accents=(("back", matt((0.55, 0.56, 0.52))),)),
        [
            Opening("left", 1.5, 3.5, 0.06, 2.55),
            Opening("left", 4.1, 5.7, 0.06, 2.55),
            Opening("front", 2.0, 4.0, 0.9, 2.2, framed=False),
        ],
        (-0.80, 0.52, 0.18),
    )
    g = scene.groups
    g += garden((-9, 0, 5), (3, 8), 4)
    g.append(f.sofa((3.55, 0, 5.3), 2.7, LINEN, WALNUT, [RUST, TEAL, OCHRE], 0))
    g.append(f.armchair((5.55, 0, 3.5), TEAL, WALNUT, 62))
    g.append(carpet((3.4, 0, 3.75), 3.3, 2.3))
    g.append(f.table((3.35, 0.02, 3.85), (1.25, 0.38, 0.65), WALNUT, WALNUT, 0, 0.06))
    g.append(d.vase((3.1, 0.4, 3.85), 0.2, GLAZE, STRAW, 3))
    book = p.Piece((3.62, 0.4, 3.78), 14)
    book.box((0, 0.015, 0), (0.3, 0.03, 0.21), matt((0.72, 0.7, 0.64)))
    book.box((0.01, 0.042, 0.0), (0.26, 0.024, 0.18), matt((0.5, 0.24, 0.16)), (8, 0, 0))
    g.append(book.shapes)
    g.append(d.plant((1.15, 0, 5.55), 1.75, LEAF, GLAZE, 8, 40, 0.42))
    g.append(d.floor_lamp((5.6, 0, 5.45), 1.62, glowing(WARM, 1.5), BRASS))
    scene.lamps.append(Lamp((5.6, 1.6, 5.45), (2.2, 1.55, 0.9), 0.1))
    g.append(
        d.picture_frame(
            (3.0, 1.72, 6.17), 1.05, 0.8, matt((0.6, 0.5, 0.4), painting(3, PALETTE)), OAK
        )
    )
    g.append(
        d.picture_frame(
            (4.15, 1.72, 6.17), 0.62, 0.8, matt((0.6, 0.5, 0.4), painting(9, PALETTE)), OAK
        )
    )
    g += _sideboard()
    for z in (1.28, 3.42, 5.72):
        g.append(d.curtain((0.13, 0.02, z), 0.4 if z != 3.42 else 0.74, 2.66, SHEER, -90))
    rail = p.Piece((0.13, 2.7, 3.6))
    rail.cone((0, 0, 0), 5.0, 0.012, 0.012, BLACK, (0, 90, 0))
    g.append(rail.shapes)
    return scene


def _sideboard() -> list[list[Shape]]:
    """Along the right wall: a low board with books, a vase and a lamp below a round mirror."""
    board = f.cabinet((6.36, 0.12, 4.4), (1.9, 0.6, 0.42), WALNUT, BRASS, 3, 1, 90, 0.0, False)
    legs = p.Piece((6.36, 0, 4.4), 90)
    for x in (-0.85, 0.85):
        for z in (-0.16, 0.16):
            legs.cone((x, 0.07, z), 0.14, 0.012, 0.02, WALNUT)
    return [
        board,
        legs.shapes,
        d.books((6.36, 0.72, 5.2), 0.5, 4, 90, 0.24),
        d.vase((6.36, 0.72, 3.9), 0.26, CLAY, None),
    ]


def hallway() -> Scene:
    """Returns an entrance hall: a bench, coats of light on the floor, a glazed door at the end."""
    floor = Material(
        (0.6, 0.58, 0.54),
        tiles((0.74, 0.72, 0.68), (0.66, 0.64, 0.6), 0.6, 0.6, (0.5, 0.49, 0.47)),
        specular=0.045,
        roughness=0.07,
    )
    scene = interior(
        "hallway",
        (3.0, 2.8, 7.4),
        Finish(floor, accents=(("back", matt((0.66, 0.62, 0.56))),)),
        [
            Opening("back", 0.85, 2.05, 0.02, 2.3, 1, rails=2),
            Opening("right", 2.4, 3.7, 0.06, 2.3, 2),
            Opening("front", 0.6, 2.4, 0.6, 2.3, framed=False),
        ],
        (0.72, 0.60, -0.30),
    )
    g = scene.groups
    g += garden((10, 0, 5), (3, 7), 41)
    g += garden((1.5, 0, 17), (6, 4), 43, 6)
    g.append(carpet((1.55, 0, 3.7), 0.95, 4.6, (0.5, 0.46, 0.4), (0.18, 0.22, 0.26)))
    g.append(f.cabinet((0.22, 0.2, 4.85), (1.35, 0.5, 0.36), OAK, BRASS, 2, 1, -90, 0.0))
    mirror = p.Piece((0.03, 1.55, 4.85), -90)
    mirror.cone((0, 0, 0.0), 0.03, 0.43, 0.43, BRASS, (0, 90, 0))
    mirror.cone(
        (0, 0, -0.005),
        0.034,
        0.41,
        0.41,
        Material((0.93, 0.94, 0.94), specular=0.93, roughness=0.0, metal=True),
        (0, 90, 0),
    )
    g.append(mirror.shapes)
    g.append(d.table_lamp((0.22, 0.7, 5.35), GLAZE, glowing(WARM, 1.7)))
    scene.lamps.append(Lamp((0.3, 1.09, 5.35), (0.7, 0.47, 0.27), 0.08))
    g.append(d.vase((0.22, 0.7, 4.5), 0.22, CLAY, STRAW, 8))
    bench = p.Piece((2.74, 0, 5.5), 90)
    bench.soft((0, 0.44, 0), (1.4, 0.07, 0.4), LINEN, 0.03)
    bench.box((0, 0.39, 0), (1.38, 0.04, 0.38), OAK)
    for x in (-0.6, 0.6):
        bench.box((x, 0.19, 0), (0.04, 0.38, 0.34), OAK)
    bench.pillow((-0.42, 0.66, 0.08), (0.42, 0.4, 0.16), RUST, (8, -18, 0))
    g.append(bench.shapes)
    for number, z in enumerate((5.0, 5.9)):
        g.append(
            d.picture_frame(
                (2.97, 1.7, z),
                0.6,
                0.8,
                matt((0.5, 0.5, 0.4), painting(30 + number, PALETTE)),
                BLACK,
                90,
            )
        )
    g.append(d.plant((2.6, 0, 6.9), 1.4, LEAF, GLAZE, 6, 30, 0.34))
    for z in (2.6, 5.0):
        g.append(d.pendant((1.5, 2.25, z), 2.8, glowing(WARM, 1.2), glowing(WARM, 3), 0.36))
        scene.lamps.append(Lamp((1.5, 2.12, z), (0.7, 0.5, 0.3), 0.1))
    return scene
