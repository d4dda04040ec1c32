"""Shapes a room is built of, each in its own frame: where a ray meets it, and the normal there.

Points and directions are arrays of shape (3, n); lengths are metres, y is up.
"""

# NumPy types mixed arithmetic as Any.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

type Array = npt.NDArray[Any]
type Vector = tuple[float, float, float]
type Pattern = Callable[[Array, Array], Array]

FAR = np.float32(1e9)
NEAR = np.float32(2e-4)


@dataclass(frozen=True)
class Material:
    """How a surface answers light.

    `pattern` gives the diffuse colour from local points and normals and replaces `color`;
    `specular` is the reflectance seen head-on; `roughness` is the spread of the reflection;
    a `metal` reflects in its own colour only; `casts` is False for what light passes, as shades do.
    """

    color: Vector = (0.7, 0.7, 0.7)
    pattern: Pattern | None = None
    specular: float = 0.0
    roughness: float = 0.15
    metal: bool = False
    emission: Vector = (0.0, 0.0, 0.0)
    casts: bool = True


def column(values: Vector) -> Array:
    """Returns a vector as a (3, 1) array, to be broadcast over rays."""
    return np.array(values, np.float32).reshape(3, 1)


def dot(a: Array, b: Array) -> Array:
    """Scalar products of matching columns."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def unit(vectors: Array) -> Array:
    """Returns the same directions with length one."""
    return vectors / np.sqrt(np.maximum(dot(vectors, vectors), 1e-20))


def scramble(x: Array, y: Array, z: Array) -> Array:
    """Returns a repeatable pseudo-random number in 0..1 for each integer lattice point."""
    h = (
        x.astype(np.int64) * 374761393
        + y.astype(np.int64) * 668265263
        + z.astype(np.int64) * 2147483647
    )
    h = ((h & 0xFFFFFFFF) ^ ((h & 0xFFFFFFFF) >> 13)) * 1274126177 & 0xFFFFFFFF
    return ((h ^ (h >> 16)) & 0xFFFF).astype(np.float32) / np.float32(65535)


def greatest(vectors: Array) -> Array:
    """Returns the largest of the three components of each column."""
    return np.maximum(np.maximum(vectors[0], vectors[1]), vectors[2])


def inverse(direction: Array) -> Array:
    """Returns one over each component, finite for rays along an axis."""
    return 1.0 / np.where(np.abs(direction) < 1e-8, np.float32(1e-8), direction)


def slab(low: Array, high: Array, start: Array, over: Array) -> tuple[Array, Array]:
    """Distances at which rays enter and leave an upright box; to enter after leaving is a miss.

    `over` is `inverse(direction)` and `start` is origin times that.
    """
    first, second = low * over - start, high * over - start
    near, far = np.minimum(first, second), np.maximum(first, second)
    return greatest(near), np.minimum(np.minimum(far[0], far[1]), far[2])


@dataclass(frozen=True)
class Shape:
    """One solid: its centre in the room, its frame (rows are local axes), its half extents.

    The frame's axes may be longer or shorter than one for what solves equations (not for Soft):
    a distance along a ray is the same number in any linear frame.
    """

    center: Array
    turn: Array | None
    half: Array
    material: Material

    def to_local(self, vectors: Array) -> Array:
        """Directions of the room in this shape's frame."""
        return vectors if self.turn is None else self.turn @ vectors

    def to_room(self, vectors: Array) -> Array:
        """Directions of this shape's frame in the room."""
        return vectors if self.turn is None else self.turn.T @ vectors

    def bounds(self) -> tuple[Array, Array]:
        """Returns the lowest and highest corner in the room."""
        reach = self.half if self.turn is None else np.abs(np.linalg.inv(self.turn)) @ self.half
        return self.center - reach, self.center + reach

    def meet(self, origin: Array, direction: Array) -> Array:
        """Distance to the first point met by each ray given in room coordinates, FAR for none."""
        return self.strike(self.to_local(origin - self.center), self.to_local(direction))

    def strike(self, origin: Array, direction: Array) -> Array:
        """`meet` for rays in this shape's frame."""
        raise NotImplementedError

    def normal(self, point: Array) -> Array:
        """Outward normals at local points of the surface."""
        raise NotImplementedError
