"""The shell of a house: floors, walls with openings, ceilings, the garden behind the windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.rooms.pieces import Piece
from tools.rooms.scene import Portal, Scene, day_sky
from tools.rooms.shapes import Material, Pattern, Shape, Vector
from tools.rooms.textures import planks, speckle

WHITE = Material((0.84, 0.82, 0.79), specular=0.02, roughness=0.35)
PAPER = Material((0.80, 0.785, 0.76))
CEILING = Material((0.88, 0.875, 0.86))
BLACK = Material((0.035, 0.035, 0.04), specular=0.04, roughness=0.2)
STEEL = Material((0.62, 0.62, 0.62), specular=0.6, roughness=0.06, metal=True)
BRASS = Material((0.78, 0.56, 0.27), specular=0.75, roughness=0.1, metal=True)
MIRROR = Material((0.93, 0.94, 0.94), specular=0.93, roughness=0.0, metal=True)
OAK_LIGHT: Vector = (0.56, 0.39, 0.23)
OAK_DARK: Vector = (0.36, 0.22, 0.115)
LEAF = Material(
    (0.1, 0.24, 0.07),
    speckle((0.07, 0.19, 0.05), (0.16, 0.32, 0.09), 9),
    specular=0.035,
    roughness=0.25,
)

#: yaw of each wall and where its local origin is, as shares of width and depth; inside is local -z
WALLS = {
    "back": (0.0, 0.0, 1.0),
    "right": (90.0, 1.0, 1.0),
    "left": (-90.0, 0.0, 0.0),
    "front": (180.0, 1.0, 0.0),
}


@dataclass(frozen=True)
class Opening:
    """A hole in a wall, metres along the wall and above the floor; `lit` ones let sky light in."""

    wall: str
    start: float
    stop: float
    sill: float
    head: float
    panes: int = 2
    lit: bool = True
    framed: bool = True
    rails: int = 0


@dataclass(frozen=True)
class Finish:
    """What floor, walls, ceiling and window frames are made of."""

    floor: Material
    walls: Material = PAPER
    ceiling: Material = CEILING
    frames: Material = WHITE
    accents: tuple[tuple[str, Material], ...] = ()


def oak_floor(turned: bool = False, light: Vector = OAK_LIGHT, dark: Vector = OAK_DARK) -> Material:
    """Oiled boards with a soft sheen."""
    return Material(light, planks(light, dark, turned=turned), specular=0.035, roughness=0.13)


def matt(color: Vector, pattern: Pattern | None = None) -> Material:
    """Returns a surface without a reflection."""
    return Material(color, pattern)


def glowing(color: Vector, strength: float) -> Material:
    """Returns a lit lampshade or bulb, which light passes."""
    red, green, blue = color
    return Material(
        (0.8, 0.78, 0.72), emission=(red * strength, green * strength, blue * strength), casts=False
    )


def interior(
    name: str,
    size: Vector,
    finish: Finish,
    openings: list[Opening],
    sun: Vector,
    sun_color: Vector = (17.0, 13.8, 10.0),
    brightness: float = 1.0,
) -> Scene:
    """Returns a closed room of width, height and depth: x and z from 0, the camera mostly near z =
    0.
    """
    width, height, depth = size
    sky = day_sky(
        (1.0 * brightness, 1.5 * brightness, 2.5 * brightness),
        (2.9 * brightness, 3.1 * brightness, 3.3 * brightness),
        (0.75, 0.8, 0.6),
        sun,
    )
    scene = Scene(
        name, sky, sun, sun_color, (0.12, 0.12, 0.12), (width - 0.12, height - 0.12, depth - 0.12)
    )
    shell = Piece()
    shell.box(
        (width / 2, -0.05, depth / 2), (width + 0.7, 0.1, depth + 0.7), finish.floor, bevel=0.001
    )
    shell.box(
        (width / 2, height + 0.05, depth / 2),
        (width + 0.7, 0.1, depth + 0.7),
        finish.ceiling,
        bevel=0.001,
    )
    scene.groups.append(shell.shapes)
    accents = dict(finish.accents)
    for side, (yaw, at_x, at_z) in WALLS.items():
        length = width if side in ("back", "front") else depth
        holes = sorted((o for o in openings if o.wall == side), key=lambda o: o.start)
        at = (at_x * width, 0.0, at_z * depth)
        scene.groups.append(wall(at, yaw, (length, height), holes, accents.get(side, finish.walls)))
        for hole in holes:
            scene.groups.append(frame(at, yaw, hole, finish.frames))
            if hole.lit:
                scene.portals.append(_portal(at, yaw, hole))
    return scene


def wall(
    at: Vector, yaw: float, size: tuple[float, float], holes: list[Opening], material: Material
) -> list[Shape]:
    """Returns a wall along local x with its holes and a skirting board; inside is local -z."""
    length, height = size
    piece, thick = Piece(at, yaw), 0.3
    edge = -thick
    for hole in [*holes, Opening("", length + thick, 0, 0, 0)]:
        _panel(piece, (edge, hole.start, 0, height), thick, material)
        _panel(piece, (hole.start, hole.stop, 0, hole.sill), thick, material)
        _panel(piece, (hole.start, hole.stop, hole.head, height), thick, material)
        if hole.start - max(edge, 0) > 0.1:
            start, stop = max(edge, 0), min(hole.start, length)
            piece.box(((start + stop) / 2, 0.05, -0.008), (stop - start, 0.1, 0.016), WHITE)
        edge = hole.stop
    return piece.shapes


def _panel(
    piece: Piece, edges: tuple[float, float, float, float], thick: float, material: Material
) -> None:
    start, stop, low, high = edges
    if stop - start > 0.001 and high - low > 0.001:
        piece.box(
            ((start + stop) / 2, (low + high) / 2, thick / 2),
            (stop - start, high - low, thick),
            material,
            bevel=0.001,
        )


def frame(at: Vector, yaw: float, hole: Opening, material: Material) -> list[Shape]:
    """Returns the frame, mullions and sill of an opening."""
    piece, wide, depth, z = Piece(at, yaw), 0.055, 0.07, 0.18
    middle, tall, long = (hole.start + hole.stop) / 2, hole.head - hole.sill, hole.stop - hole.start
    if not hole.framed:
        return piece.shapes or [_nothing(piece)]
    for level in np.linspace(hole.sill + wide / 2, hole.head - wide / 2, hole.rails + 2):
        piece.box((middle, float(level), z), (long, wide, depth), material)
    for x in np.linspace(hole.start + wide / 2, hole.stop - wide / 2, hole.panes + 1):
        piece.box((float(x), hole.sill + tall / 2, z), (wide, tall, depth), material)
    if hole.sill > 0.1:
        piece.box((middle, hole.sill - 0.012, 0.08), (long + 0.08, 0.03, 0.28), material)
    return piece.shapes


def _nothing(piece: Piece) -> Shape:
    piece.box((0, -5, 0), (0.01, 0.01, 0.01), WHITE)
    return piece.shapes[0]


def _portal(at: Vector, yaw: float, hole: Opening) -> Portal:
    piece = Piece(at, yaw)
    points: list[Vector] = [
        (hole.start, hole.sill, 0.29),
        (hole.stop - hole.start, 0, 0),
        (0, hole.head - hole.sill, 0),
        (0, 0, -1),
    ]
    piece.box(points[0], (1, 1, 1), WHITE)
    corner = piece.shapes[0].center.ravel()
    origin = Piece((0, 0, 0), yaw)
    for point in points[1:]:
        origin.box(point, (1, 1, 1), WHITE)
    across, upward, inward = (shape.center.ravel() for shape in origin.shapes)
    return Portal(_vector(corner), _vector(across), _vector(upward), _vector(inward))


def _vector(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Vector:
    return float(values[0]), float(values[1]), float(values[2])


def garden(at: Vector, spread: tuple[float, float], seed: int, trees: int = 7) -> list[list[Shape]]:
    """Returns a lawn and a far row of trees, centred at a point outside, for the view from a
    window.
    """
    random = np.random.default_rng(seed)
    lawn = Piece((at[0], -0.4, at[2]))
    lawn.box(
        (0, -0.2, 0),
        (spread[0] * 2.5, 0.4, spread[1] * 2.5),
        Material(
            (0.13, 0.17, 0.06),
            speckle((0.09, 0.13, 0.04), (0.18, 0.22, 0.08), 1.5),
            emission=(0.16, 0.21, 0.075),
        ),
    )
    groups = [lawn.shapes]
    for _ in range(trees):
        x, z = random.uniform(-spread[0], spread[0]), random.uniform(-spread[1], spread[1])
        groups.append(
            tree(
                (at[0] + x, -0.4, at[2] + z),
                float(random.uniform(3.2, 6.0)),
                int(random.integers(99)),
                glow=1.6,
            )
        )
    return groups


def tree(at: Vector, height: float, seed: int, crowns: int = 44, glow: float = 0.0) -> list[Shape]:
    """Returns a leafy tree of many loose crowns; `glow` stands for sky light where no probe
    measures it.
    """
    piece, random = Piece(at), np.random.default_rng(seed)
    green = (
        random.uniform(0.075, 0.13),
        random.uniform(0.135, 0.185),
        random.uniform(0.035, 0.055),
    )
    tones = speckle(
        (green[0] * 0.5, green[1] * 0.55, green[2] * 0.5),
        (green[0] * 1.8, green[1] * 1.5, green[2] * 1.6),
        6.0,
        5,
    )
    leaves = Material(green, tones, emission=(green[0] * glow, green[1] * glow, green[2] * glow))
    piece.cone(
        (0, height * 0.22, 0),
        height * 0.44,
        height * 0.035,
        height * 0.022,
        matt((0.17, 0.11, 0.07)),
    )
    for _ in range(crowns):
        offset = random.normal(0, 0.155, 3) * height
        wide = random.uniform(0.1, 0.23) * height
        piece.leaves(
            (float(offset[0]), height * 0.62 + float(offset[1]) * 0.8, float(offset[2])),
            (wide, wide * 0.8, wide),
            leaves,
            0.02 * height,
        )
    return piece.shapes
