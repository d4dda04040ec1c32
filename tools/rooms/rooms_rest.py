"""The rooms to rest and work in: bedroom, bathroom, office."""

from __future__ import annotations

from tools.rooms import decor as d
from tools.rooms import furniture as f
from tools.rooms import pieces as p
from tools.rooms.house import (
    BLACK,
    BRASS,
    LEAF,
    MIRROR,
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
from tools.rooms.shapes import Material
from tools.rooms.stuff import (
    CLAY,
    CREAM,
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
from tools.rooms.textures import cloth, marble, painting, tiles

SAGE = matt((0.36, 0.42, 0.35), cloth((0.38, 0.45, 0.37)))
BLUSH = matt((0.62, 0.42, 0.35), cloth((0.66, 0.45, 0.375)))


def bedroom() -> Scene:
    """Returns a bed between two lamps, morning sun from the right."""
    scene = interior(
        "bedroom",
        (5.4, 2.75, 5.4),
        Finish(oak_floor(True), accents=(("back", matt((0.40, 0.45, 0.42))),)),
        [
            Opening("right", 0.9, 2.9, 0.45, 2.35),
            Opening("front", 1.2, 4, 0.9, 2.2, framed=False),
        ],
        (0.78, 0.50, -0.22),
    )
    g = scene.groups
    g += garden((13, 0, 3), (3, 8), 51)
    g.append(carpet((2.6, 0, 3.0), 3.4, 2.3, (0.72, 0.69, 0.62), (0.46, 0.4, 0.33)))
    bed = f.bed((2.6, 0, 4.22), 1.8, BLUSH, CREAM, SAGE, LINEN, OCHRE)
    g += [bed[:7], bed[7:10], bed[10:]]
    for x in (1.15, 4.05):
        g.append(f.cabinet((x, 0.14, 5.12), (0.5, 0.38, 0.42), WALNUT, BRASS, 1, 2, 0, 0.0))
        legs = p.Piece((x, 0, 5.12))
        for side in (-0.2, 0.2):
            legs.cone((side, 0.07, -0.14), 0.14, 0.012, 0.018, WALNUT)
        g.append(legs.shapes)
        g.append(d.table_lamp((x, 0.52, 5.12), GLAZE, glowing(WARM, 1.5)))
        scene.lamps.append(Lamp((x, 0.91, 5.05), (0.75, 0.5, 0.28), 0.08))
    g.append(
        d.picture_frame(
            (2.6, 1.82, 5.37), 1.5, 0.72, matt((0.6, 0.5, 0.4), painting(44, PALETTE, 1.5)), OAK
        )
    )
    for z in (4.55, 1.95):
        g.append(d.curtain((5.27, 0.02, z + 0.4), 0.55, 2.6, SHEER, 90))
    rail = p.Piece((5.27, 2.64, 3.4))
    rail.cone((0, 0, 0), 3.8, 0.012, 0.012, BLACK, (0, 90, 0))
    g.append(rail.shapes)
    bench = p.Piece((2.6, 0, 2.86))
    bench.soft((0, 0.42, 0), (1.35, 0.1, 0.4), LINEN, 0.045)
    for x in (-0.55, 0.55):
        for z in (-0.13, 0.13):
            bench.cone((x, 0.19, z), 0.38, 0.012, 0.018, WALNUT)
    bench.soft((0.32, 0.49, 0), (0.5, 0.05, 0.42), RUST, 0.024)
    g.append(bench.shapes)
    g.append(d.plant((0.55, 0, 4.9), 1.55, LEAF, CLAY, 15, 36, 0.38))
    g.append(f.armchair((0.75, 0, 3.3), OCHRE, WALNUT, -62))
    g.append(d.pendant((2.6, 2.05, 3.4), 2.75, glowing((1, 0.86, 0.7), 0.8), glowing(WARM, 2), 0.6))
    return scene


def bathroom() -> Scene:
    """Returns a free-standing tub by the window, a stone counter with a round mirror."""
    floor = Material(
        (0.4, 0.4, 0.39),
        tiles((0.46, 0.455, 0.44), (0.38, 0.375, 0.36), 0.8, 0.8, (0.33, 0.33, 0.32)),
        specular=0.045,
        roughness=0.1,
    )
    stone = Material(
        (0.82, 0.8, 0.77),
        marble((0.85, 0.835, 0.81), (0.5, 0.46, 0.42), 1.1),
        specular=0.05,
        roughness=0.06,
    )
    green = Material(
        (0.2, 0.3, 0.27),
        tiles((0.21, 0.33, 0.29), (0.12, 0.22, 0.19), 0.07, 0.21, (0.45, 0.46, 0.44)),
        specular=0.06,
        roughness=0.06,
    )
    scene = interior(
        "bathroom",
        (4.4, 2.7, 5.0),
        Finish(floor, accents=(("left", green), ("back", stone))),
        [
            Opening("back", 1.9, 3.9, 0.75, 2.3, 2),
            Opening("front", 0.8, 3.4, 0.9, 2.2, framed=False),
        ],
        (0.42, 0.55, 0.62),
        brightness=1.15,
    )
    g = scene.groups
    g += garden((3, 0, 15), (8, 3), 61, 9)
    enamel = Material((0.86, 0.855, 0.84), specular=0.05, roughness=0.04)
    g.append(f.bathtub((2.95, 0, 4.15), enamel, BRASS))
    counter = p.Piece((0.3, 0, 3.1), -90)
    counter.box((0, 0.84, 0), (2.0, 0.06, 0.54), stone)
    counter.box((0, 0.66, 0.01), (1.96, 0.3, 0.5), WALNUT)
    for x in (-0.49, 0.49):
        counter.box((x, 0.66, -0.245), (0.965, 0.285, 0.016), WALNUT)
        counter.box((x, 0.77, -0.27), (0.22, 0.012, 0.014), BRASS)
    g.append(counter.shapes)
    for z in (2.6, 3.6):
        basin = p.Piece((0.3, 0.87, z), -90)
        g.append([*f.basin((0.32, 0.87, z), enamel, BRASS)[:2]])
        basin.cone((0, 0.16, 0.21), 0.32, 0.014, 0.014, BRASS)
        basin.cone((0, 0.31, 0.13), 0.18, 0.012, 0.012, BRASS, (0, 90, 0))
        g.append(basin.shapes)
        mirror = p.Piece((0.02, 1.62, z), -90)
        mirror.cone((0, 0, 0), 0.03, 0.39, 0.39, BRASS, (0, 90, 0))
        mirror.cone((0, 0, -0.006), 0.034, 0.372, 0.372, MIRROR, (0, 90, 0))
        g.append(mirror.shapes)
    for z in (2.05, 3.1, 4.15):
        light = p.Piece((0.09, 1.75, z))
        light.ball((0, 0, 0), (0.13, 0.13, 0.13), glowing(WARM, 2.6))
        light.cone((-0.06, 0, 0), 0.06, 0.03, 0.03, BRASS, (0, 0, 90))
        g.append(light.shapes)
        scene.lamps.append(Lamp((0.2, 1.75, z), (0.5, 0.36, 0.22), 0.06))
    ladder = p.Piece((4.3, 0, 2.9), 90)
    for x in (-0.25, 0.25):
        ladder.cone((x, 0.85, 0), 1.7, 0.014, 0.014, WALNUT)
    for y in (0.5, 0.85, 1.2, 1.55):
        ladder.cone((0, y, 0), 0.5, 0.012, 0.012, WALNUT, (0, 0, 90))
    ladder.soft((0, 1.02, -0.01), (0.38, 0.4, 0.06), CREAM, 0.028)
    ladder.soft((0.02, 1.42, -0.01), (0.34, 0.3, 0.06), SAGE, 0.028)
    g.append(ladder.shapes)
    mat = p.Piece((2.55, 0, 2.95))
    mat.soft((0, 0.014, 0), (1.1, 0.028, 0.65), CREAM, 0.013)
    g.append(mat.shapes)
    stool = f.stool((1.75, 0, 3.75), WALNUT, WALNUT, 0.46)
    towel = p.Piece((1.75, 0.5, 3.75))
    towel.soft((0, 0.04, 0), (0.3, 0.07, 0.24), CREAM, 0.033)
    towel.soft((0, 0.1, 0), (0.27, 0.06, 0.22), BLUSH, 0.028)
    g += [stool, towel.shapes]
    g.append(d.plant((4.0, 0, 4.65), 1.5, LEAF, GLAZE, 12, 34, 0.36))
    g.append(d.vase((0.3, 0.87, 3.1), 0.2, CLAY, matt((0.22, 0.32, 0.16)), 10))
    return scene


def office() -> Scene:
    """Returns a desk at the window, a wall of books."""
    scene = interior(
        "office",
        (4.8, 2.75, 5.2),
        Finish(
            oak_floor(),
            accents=(("right", matt((0.16, 0.22, 0.26))), ("back", matt((0.62, 0.61, 0.57)))),
        ),
        [
            Opening("left", 1.9, 4.0, 0.75, 2.35, 2),
            Opening("front", 1.0, 3.6, 0.9, 2.2, framed=False),
        ],
        (-0.74, 0.46, 0.30),
    )
    g = scene.groups
    g += garden((-10, 0, 4), (3, 7), 71)
    g.append(carpet((2.2, 0, 2.9), 2.6, 1.9, (0.3, 0.36, 0.4), (0.7, 0.66, 0.56)))
    g.append(f.table((1.35, 0, 3.2), (0.8, 0.74, 1.8), OAK, BLACK, 0, 0.06))
    g.append(f.armchair((2.45, 0, 3.15), RUST, WALNUT, 72))
    screen = p.Piece((1.12, 0.74, 3.2), 90)
    screen.box((0, 0.3, 0), (0.72, 0.42, 0.02), BLACK)
    screen.box(
        (0, 0.3, -0.012),
        (0.7, 0.4, 0.004),
        Material((0.03, 0.04, 0.05), specular=0.06, roughness=0.02),
    )
    screen.cone((0, 0.05, 0.04), 0.1, 0.02, 0.02, STEEL)
    screen.cone((0, 0.006, 0.04), 0.012, 0.12, 0.12, STEEL)
    screen.box((0, 0.01, -0.32), (0.42, 0.015, 0.13), WHITE)
    g.append(screen.shapes)
    g.append(d.table_lamp((1.3, 0.74, 3.88), BRASS, glowing(WARM, 1.6)))
    scene.lamps.append(Lamp((1.36, 1.12, 3.82), (0.7, 0.48, 0.27), 0.08))
    g.append(d.vase((1.45, 0.74, 2.5), 0.18, TEAL, STRAW, 5))
    g.append(f.shelf((3.2, 0, 4.98), (2.9, 2.3, 0.34), WALNUT, 6, 0, 4))
    step = (2.3 - 0.07) / 5
    for level in range(5):
        y = 0.063 + step * level
        for cell in range(3):
            x = 1.8 + cell * 0.958
            number = level * 3 + cell
            if number in (4, 9):
                g.append(d.vase((x + 0.4, y, 4.92), 0.26, (CLAY, GLAZE)[number % 2]))
            elif number == 13:
                g.append(d.plant((x + 0.4, y, 4.88), 0.4, LEAF, GLAZE, 9, 16, 0.15))
            else:
                g.append(d.books((x, y, 4.9), 0.5 + 0.09 * (number * 7 % 5), 20 + number, 0, 0.3))
    g.append(
        d.picture_frame(
            (4.77, 1.6, 3.0), 0.9, 1.15, matt((0.6, 0.5, 0.4), painting(50, PALETTE, 1.6)), OAK, 90
        )
    )
    g.append(f.cabinet((4.55, 0.12, 3.0), (1.5, 0.55, 0.4), WALNUT, BRASS, 3, 1, 90, 0.0, False))
    g.append(d.plant((0.55, 0, 4.75), 1.6, LEAF, CLAY, 25, 36, 0.38))
    g.append(d.floor_lamp((4.45, 0, 4.3), 1.6, glowing(WARM, 1.2), BRASS))
    scene.lamps.append(Lamp((4.35, 1.55, 4.2), (1.2, 0.84, 0.48), 0.1))
    return scene
