"""The joiner's bench: puts shapes together in a piece's own frame and places them in the room."""

# NumPy types mixed arithmetic as Any.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

import math

import numpy as np

from tools.rooms.shapes import Array, Material, Shape, Vector, column
from tools.rooms.solids import Box, Cone, Ellipsoid, Foliage, Soft


def turning(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Array:
    """Room-from-piece rotation, degrees: roll about z, then pitch about x, then yaw about y."""
    y, p, r = (math.radians(a) for a in (yaw, pitch, roll))
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    about_z = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    return (about_y @ about_x @ about_z).astype(np.float32)


class Piece:
    """Shapes that belong together; `at` and `yaw` place them. Sizes are full lengths in metres."""

    def __init__(self, at: Vector = (0.0, 0.0, 0.0), yaw: float = 0.0) -> None:
        """Starts an empty piece standing at a point of the room."""
        self.at = column(at)
        self.yaw = yaw
        self.shapes: list[Shape] = []

    def _place(
        self, center: Vector, size: Vector, spin: Vector
    ) -> tuple[Array, Array | None, Array]:
        outer = turning(self.yaw)
        plain = self.yaw == 0 and spin == (0, 0, 0)
        turn = None if plain else np.ascontiguousarray((outer @ turning(*spin)).T)
        return self.at + outer @ column(center), turn, column(size) / 2

    def box(
        self,
        center: Vector,
        size: Vector,
        material: Material,
        spin: Vector = (0, 0, 0),
        bevel: float = 0.004,
    ) -> None:
        """A block about its centre."""
        self.shapes.append(Box(*self._place(center, size, spin), material, bevel))

    def ball(
        self, center: Vector, size: Vector, material: Material, spin: Vector = (0, 0, 0)
    ) -> None:
        """An ellipsoid about its centre."""
        self.shapes.append(Ellipsoid(*self._place(center, size, spin), material))

    def leaves(self, center: Vector, size: Vector, material: Material, leaf: float = 0.11) -> None:
        """A loose ball of leaves about its centre."""
        place, _, half = self._place(center, size, (0, 0, 0))
        self.shapes.append(Foliage(place, None, half, material, leaf))

    def cone(
        self,
        center: Vector,
        height: float,
        bottom: float,
        top: float,
        material: Material,
        spin: Vector = (0, 0, 0),
        stretch: float = 1.0,
    ) -> None:
        """A capped cone or cylinder of two radii, drawn out along local x by `stretch`."""
        wide = 2 * max(bottom, top)
        place, turn, half = self._place(center, (wide, height, wide), spin)
        if stretch != 1.0:
            frame = np.eye(3, dtype=np.float32) if turn is None else turn
            turn = frame * column((1 / stretch, 1, 1))
        self.shapes.append(Cone(place, turn, half, material, bottom, top))

    def soft(
        self,
        center: Vector,
        size: Vector,
        material: Material,
        radius: float = 0.04,
        spin: Vector = (0, 0, 0),
    ) -> None:
        """A block with truly rounded edges."""
        self.shapes.append(
            Soft(*self._place(center, size, spin), material, min(radius, min(size) / 2.02))
        )

    def pillow(
        self,
        center: Vector,
        size: Vector,
        material: Material,
        spin: Vector = (0, 0, 0),
        power: float = 3.2,
    ) -> None:
        """A stuffed cushion."""
        self.shapes.append(Soft(*self._place(center, size, spin), material, 0.0, power))
