"""The rooms for meals: kitchen and dining room."""

from __future__ import annotations

from tools.rooms import decor as d
from tools.rooms import furniture as f
from tools.rooms import pieces as p
from tools.rooms.house import (
    BLACK,
    BRASS,
    LEAF,
    STEEL,
    WHITE,
    Finish,
    Opening,
    garden,
    glowing,
    interior,
    matt,
    oak_floor,
)
from tools.rooms.scene import Lamp, Scene
from tools.rooms.shapes import Material, Shape
from tools.rooms.stuff import (
    CLAY,
    GLAZE,
    LINEN,
    OAK,
    PALETTE,
    STRAW,
    TEAL,
    WALNUT,
    WARM,
    carpet,
)
from tools.rooms.textures import marble, painting, tiles


def kitchen() -> Scene:
    """Returns a kitchen with an island, stone tops, pendant lamps and a window over the sink."""
    scene = interior(
        "kitchen",
        (5.6, 2.8, 6.0),
        Finish(oak_floor(True, (0.6, 0.46, 0.31), (0.44, 0.31, 0.19))),
        [
            Opening("back", 1.75, 3.65, 1.02, 2.2),
            Opening("right", 1.4, 4.2, 0.06, 2.45, 3),
            Opening("front", 1.5, 4, 0.9, 2.2, framed=False),
        ],
        (0.80, 0.50, 0.1),
    )
    g = scene.groups
    g += garden((12, 0, 3), (3, 8), 14)
    g += garden((2, 0, 15), (8, 3), 21)
    sage = Material((0.3, 0.36, 0.3), specular=0.03, roughness=0.3)
    stone = Material(
        (0.84, 0.83, 0.81),
        marble((0.86, 0.85, 0.83), (0.45, 0.44, 0.43)),
        specular=0.05,
        roughness=0.05,
    )
    g.append(f.cabinet((2.7, 0, 5.68), (5.0, 0.88, 0.62), sage, BRASS, 7))
    g.append(f.cabinet((0.33, 0, 4.0), (2.6, 0.88, 0.62), sage, BRASS, 4, 1, -90))
    top = p.Piece()
    top.box((2.7, 0.9, 5.67), (5.02, 0.04, 0.66), stone)
    top.box((0.34, 0.9, 3.7), (0.66, 0.04, 3.3), stone)
    splash = Material(
        (0.8, 0.79, 0.76),
        tiles((0.83, 0.82, 0.79), (0.72, 0.71, 0.68), 0.15, 0.075, shift=0.5),
        specular=0.06,
        roughness=0.05,
    )
    top.box((0.9, 1.2, 5.99), (1.7, 0.58, 0.012), splash)
    top.box((4.5, 1.2, 5.99), (1.7, 0.58, 0.012), splash)
    g.append(top.shapes)
    for x, wide in ((0.85, 1.55), (4.4, 1.4)):
        board = p.Piece((x, 1.56, 5.86))
        board.box((0, 0, 0), (wide, 0.035, 0.26), OAK)
        g.append(board.shapes)
    g += _crockery()
    sink = p.Piece((2.7, 0.92, 5.66))
    sink.box((0, 0.003, 0), (0.62, 0.006, 0.4), BLACK)
    sink.cone((0, 0.17, 0.24), 0.34, 0.013, 0.013, BRASS)
    sink.cone((0, 0.335, 0.16), 0.17, 0.012, 0.012, BRASS, (0, 90, 0))
    sink.cone((0, 0.3, 0.085), 0.07, 0.012, 0.012, BRASS)
    g.append(sink.shapes)
    g += _island(stone)
    oven = p.Piece((0.645, 0.5, 3.35), -90)
    oven.box(
        (0, 0, 0), (0.58, 0.56, 0.02), Material((0.02, 0.02, 0.022), specular=0.06, roughness=0.02)
    )
    oven.cone((0, 0.22, -0.04), 0.5, 0.01, 0.01, STEEL, (0, 0, 90))
    oven.box(
        (0.0, 0.425, 0.31),
        (0.58, 0.008, 0.5),
        Material((0.015, 0.015, 0.017), specular=0.06, roughness=0.02),
    )
    g.append(oven.shapes)
    hood = p.Piece((0.25, 0, 3.35), -90)
    hood.box((0, 1.78, 0), (0.7, 0.22, 0.46), WHITE)
    hood.box((0, 2.35, 0.05), (0.34, 0.95, 0.3), WHITE)
    g.append(hood.shapes)
    g.append(d.plant((5.2, 0, 5.0), 1.25, LEAF, CLAY, 5, 28, 0.34))
    return scene


def _crockery() -> list[list[Shape]]:
    groups = []
    for number, (x, tall) in enumerate(
        [(0.3, 0.1), (0.46, 0.13), (0.62, 0.09), (4.0, 0.16), (4.2, 0.12), (4.95, 0.14)]
    ):
        pot = p.Piece((x, 1.578, 5.86))
        pot.cone((0, tall / 2, 0), tall, 0.05, 0.062, GLAZE if number % 2 else CLAY)
        groups.append(pot.shapes)
    groups.append(d.plant((0.95, 1.578, 5.86), 0.34, LEAF, GLAZE, 3, 16, 0.14))
    groups.append(d.vase((4.62, 1.578, 5.86), 0.16, TEAL))
    boards = p.Piece((4.0, 1.1, 5.93))
    boards.box((0, 0.02, 0), (0.26, 0.38, 0.02), OAK, (0, 8, 0))
    boards.box((0.18, -0.02, -0.03), (0.2, 0.3, 0.02), WALNUT, (0, 9, 0))
    groups.append(boards.shapes)
    return groups


def _island(stone: Material) -> list[list[Shape]]:
    groups = [f.cabinet((2.95, 0, 3.35), (2.1, 0.88, 0.8), OAK, BRASS, 4, 1, 180, 0.08, False)]
    top = p.Piece((2.95, 0.9, 3.2))
    top.soft((0, 0.005, 0), (2.4, 0.05, 1.2), stone, 0.008)
    groups.append(top.shapes)
    for x in (2.2, 2.95, 3.7):
        groups.append(f.stool((x, 0, 2.5), OAK, BLACK))
        groups.append(
            d.pendant(
                (x, 1.78, 3.25),
                2.8,
                Material((0.05, 0.09, 0.08), specular=0.05, roughness=0.1, casts=False),
                glowing(WARM, 4),
                0.3,
            )
        )
    groups.append(f.bowl_of_fruit((3.1, 0.93, 3.3), GLAZE))
    groups.append(d.vase((2.15, 0.93, 3.35), 0.2, GLAZE, STRAW, 6))
    return groups


def dining_room() -> Scene:
    """Returns a long table under a pair of lamps, a garden window behind it."""
    scene = interior(
        "dining-room",
        (5.4, 2.8, 6.0),
        Finish(oak_floor(), accents=(("left", matt((0.22, 0.29, 0.27))),)),
        [
            Opening("back", 1.0, 4.4, 0.5, 2.35, 3),
            Opening("right", 1.6, 3.6, 0.06, 2.4, 2),
            Opening("front", 1.2, 4, 0.9, 2.2, framed=False),
        ],
        (0.66, 0.48, 0.42),
    )
    g = scene.groups
    g += garden((3, 0, 16), (9, 4), 32, 9)
    g += garden((13, 0, 3), (3, 7), 5)
    g.append(carpet((2.7, 0, 3.7), 2.5, 3.2, (0.62, 0.6, 0.55), (0.2, 0.26, 0.27)))
    g.append(f.table((2.7, 0.02, 3.7), (1.02, 0.74, 2.3), OAK, OAK, 0, 0.09, 0.045))
    for z in (2.95, 3.7, 4.45):
        g.append(f.chair((1.98, 0.02, z), WALNUT, LINEN, -90))
        g.append(f.chair((3.42, 0.02, z), WALNUT, LINEN, 90))
    for z in (3.2, 4.2):
        g.append(d.pendant((2.7, 1.68, z), 2.8, glowing(WARM, 0.9), glowing(WARM, 3), 0.42))
        scene.lamps.append(Lamp((2.7, 1.58, z), (1.1, 0.76, 0.42), 0.1))
    g.append(d.vase((2.7, 0.76, 3.75), 0.26, GLAZE, matt((0.2, 0.3, 0.14)), 11))
    for x, side in ((2.4, 1), (3.0, -1)):
        for z in (2.95, 3.7, 4.45):
            plate = p.Piece((x, 0.762, z))
            plate.cone((0, 0.006, 0), 0.012, 0.09, 0.13, GLAZE)
            plate.cone(
                (side * 0.06, 0.06, 0.17),
                0.12,
                0.024,
                0.034,
                Material((0.75, 0.78, 0.78), specular=0.08, roughness=0.02),
            )
            g.append(plate.shapes)
    g.append(f.cabinet((0.27, 0.1, 4.2), (2.2, 0.75, 0.44), OAK, BRASS, 4, 1, -90, 0.0))
    g.append(
        d.picture_frame(
            (0.03, 1.75, 4.2),
            1.3,
            0.85,
            matt((0.5, 0.5, 0.4), painting(21, PALETTE, 1.7)),
            BRASS,
            -90,
        )
    )
    g.append(d.table_lamp((0.27, 0.85, 5.0), CLAY, glowing(WARM, 1.6)))
    scene.lamps.append(Lamp((0.32, 1.24, 5.0), (0.8, 0.54, 0.3), 0.08))
    g.append(
        d.vase((0.27, 0.85, 3.5), 0.24, Material((0.1, 0.22, 0.26), specular=0.06, roughness=0.08))
    )
    g.append(d.plant((4.85, 0, 5.5), 1.5, LEAF, CLAY, 2, 34, 0.38))
    return scene
