"""The rooms people live in by day: living room, kitchen, dining room, hallway."""

from __future__ import annotations

from local.demo.studio import furniture as f
from local.demo.studio import pieces as p
from local.demo.studio.house import (
    BLACK,
    BRASS,
    LEAF,
    OAK_DARK,
    OAK_LIGHT,
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
from local.demo.studio.scene import Lamp, Scene
from local.demo.studio.shapes import Material, Shape, Vector
from local.demo.studio.textures import chevron, cloth, marble, painting, rug, tiles, wood

OAK = Material(OAK_LIGHT, wood(OAK_LIGHT, OAK_DARK), specular=0.035, roughness=0.18)
WALNUT = Material(
    (0.24, 0.14, 0.08), wood((0.3, 0.175, 0.1), (0.15, 0.08, 0.045)), specular=0.04, roughness=0.15
)
LINEN = matt((0.66, 0.62, 0.55), cloth((0.70, 0.655, 0.58)))
CREAM = matt((0.8, 0.77, 0.7), cloth((0.82, 0.79, 0.72), 0.1))
RUST = matt((0.5, 0.2, 0.1), cloth((0.55, 0.23, 0.11)))
TEAL = matt((0.08, 0.2, 0.22), cloth((0.09, 0.23, 0.25)))
OCHRE = matt((0.62, 0.42, 0.13), cloth((0.66, 0.45, 0.15)))
CLAY = Material((0.55, 0.3, 0.2), specular=0.03, roughness=0.4)
GLAZE = Material((0.78, 0.76, 0.72), specular=0.05, roughness=0.1)
STRAW = matt((0.62, 0.5, 0.3))
WARM: Vector = (1.0, 0.72, 0.42)
SHEER = Material((0.86, 0.85, 0.82))
PALETTE: tuple[Vector, Vector, Vector, Vector] = (
    (0.78, 0.72, 0.62),
    (0.62, 0.3, 0.16),
    (0.16, 0.26, 0.3),
    (0.86, 0.74, 0.5),
)


def living_room() -> Scene:
    """A wide room with a sofa, a rug, tall windows to the left and a sunny floor."""
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
    g.append(p.vase((3.1, 0.4, 3.85), 0.2, GLAZE, STRAW, 3))
    book = p.Piece((3.62, 0.4, 3.78), 14)
    book.box((0, 0.015, 0), (0.3, 0.03, 0.21), matt((0.72, 0.7, 0.64)))
    book.box((0.01, 0.042, 0.0), (0.26, 0.024, 0.18), matt((0.5, 0.24, 0.16)), (8, 0, 0))
    g.append(book.shapes)
    g.append(p.plant((1.15, 0, 5.55), 1.75, LEAF, GLAZE, 8, 40, 0.42))
    g.append(p.floor_lamp((5.6, 0, 5.45), 1.62, glowing(WARM, 1.5), BRASS))
    scene.lamps.append(Lamp((5.6, 1.6, 5.45), (2.2, 1.55, 0.9), 0.1))
    g.append(
        p.picture_frame(
            (3.0, 1.72, 6.17), 1.05, 0.8, matt((0.6, 0.5, 0.4), painting(3, PALETTE)), OAK
        )
    )
    g.append(
        p.picture_frame(
            (4.15, 1.72, 6.17), 0.62, 0.8, matt((0.6, 0.5, 0.4), painting(9, PALETTE)), OAK
        )
    )
    g += _sideboard()
    for z in (1.28, 3.42, 5.72):
        g.append(p.curtain((0.13, 0.02, z), 0.4 if z != 3.42 else 0.74, 2.66, SHEER, -90))
    rail = p.Piece((0.13, 2.7, 3.6))
    rail.cone((0, 0, 0), 5.0, 0.012, 0.012, BLACK, (0, 90, 0))
    g.append(rail.shapes)
    return scene


def carpet(
    at: Vector,
    width: float,
    depth: float,
    ground: Vector = (0.70, 0.66, 0.58),
    figure: Vector = (0.36, 0.2, 0.14),
) -> list[Shape]:
    """A rug lying at a point."""
    piece = p.Piece(at)
    piece.soft(
        (0, 0.01, 0),
        (width, 0.024, depth),
        matt(ground, rug(ground, figure, width / 2, depth / 2)),
        0.01,
    )
    return piece.shapes


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
        p.books((6.36, 0.72, 5.2), 0.5, 4, 90, 0.24),
        p.vase((6.36, 0.72, 3.9), 0.26, CLAY, None),
    ]


def kitchen() -> Scene:
    """A kitchen with an island, stone tops, pendant lamps and a window over the sink."""
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
    g.append(p.plant((5.2, 0, 5.0), 1.25, LEAF, CLAY, 5, 28, 0.34))
    return scene


def _crockery() -> list[list[Shape]]:
    groups = []
    for number, (x, tall) in enumerate(
        [(0.3, 0.1), (0.46, 0.13), (0.62, 0.09), (4.0, 0.16), (4.2, 0.12), (4.95, 0.14)]
    ):
        pot = p.Piece((x, 1.578, 5.86))
        pot.cone((0, tall / 2, 0), tall, 0.05, 0.062, GLAZE if number % 2 else CLAY)
        groups.append(pot.shapes)
    groups.append(p.plant((0.95, 1.578, 5.86), 0.34, LEAF, GLAZE, 3, 16, 0.14))
    groups.append(p.vase((4.62, 1.578, 5.86), 0.16, TEAL))
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
            p.pendant(
                (x, 1.78, 3.25),
                2.8,
                Material((0.05, 0.09, 0.08), specular=0.05, roughness=0.1, casts=False),
                glowing(WARM, 4),
                0.3,
            )
        )
    groups.append(f.bowl_of_fruit((3.1, 0.93, 3.3), GLAZE))
    groups.append(p.vase((2.15, 0.93, 3.35), 0.2, GLAZE, STRAW, 6))
    return groups


def dining_room() -> Scene:
    """A long table under a pair of lamps, a garden window behind it."""
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
        g.append(p.pendant((2.7, 1.68, z), 2.8, glowing(WARM, 0.9), glowing(WARM, 3), 0.42))
        scene.lamps.append(Lamp((2.7, 1.58, z), (1.1, 0.76, 0.42), 0.1))
    g.append(p.vase((2.7, 0.76, 3.75), 0.26, GLAZE, matt((0.2, 0.3, 0.14)), 11))
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
        p.picture_frame(
            (0.03, 1.75, 4.2),
            1.3,
            0.85,
            matt((0.5, 0.5, 0.4), painting(21, PALETTE, 1.7)),
            BRASS,
            -90,
        )
    )
    g.append(p.table_lamp((0.27, 0.85, 5.0), CLAY, glowing(WARM, 1.6)))
    scene.lamps.append(Lamp((0.32, 1.24, 5.0), (0.8, 0.54, 0.3), 0.08))
    g.append(
        p.vase((0.27, 0.85, 3.5), 0.24, Material((0.1, 0.22, 0.26), specular=0.06, roughness=0.08))
    )
    g.append(p.plant((4.85, 0, 5.5), 1.5, LEAF, CLAY, 2, 34, 0.38))
    return scene


def hallway() -> Scene:
    """An entrance hall: a bench, coats of light on the floor, a glazed door at the end."""
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
    g.append(p.table_lamp((0.22, 0.7, 5.35), GLAZE, glowing(WARM, 1.7)))
    scene.lamps.append(Lamp((0.3, 1.09, 5.35), (0.7, 0.47, 0.27), 0.08))
    g.append(p.vase((0.22, 0.7, 4.5), 0.22, CLAY, STRAW, 8))
    bench = p.Piece((2.74, 0, 5.5), 90)
    bench.soft((0, 0.44, 0), (1.4, 0.07, 0.4), LINEN, 0.03)
    bench.box((0, 0.39, 0), (1.38, 0.04, 0.38), OAK)
    for x in (-0.6, 0.6):
        bench.box((x, 0.19, 0), (0.04, 0.38, 0.34), OAK)
    bench.pillow((-0.42, 0.66, 0.08), (0.42, 0.4, 0.16), RUST, (8, -18, 0))
    g.append(bench.shapes)
    for number, z in enumerate((5.0, 5.9)):
        g.append(
            p.picture_frame(
                (2.97, 1.7, z),
                0.6,
                0.8,
                matt((0.5, 0.5, 0.4), painting(30 + number, PALETTE)),
                BLACK,
                90,
            )
        )
    g.append(p.plant((2.6, 0, 6.9), 1.4, LEAF, GLAZE, 6, 30, 0.34))
    for z in (2.6, 5.0):
        g.append(p.pendant((1.5, 2.25, z), 2.8, glowing(WARM, 1.2), glowing(WARM, 3), 0.36))
        scene.lamps.append(Lamp((1.5, 2.12, z), (0.7, 0.5, 0.3), 0.1))
    return scene
