"""The solids: blocks, balls, leafy balls, cones, and soft things met by marching."""

# NumPy types mixed arithmetic as Any.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.rooms.shapes import (
    FAR,
    NEAR,
    Array,
    Shape,
    dot,
    greatest,
    inverse,
    scramble,
    slab,
    unit,
)


@dataclass(frozen=True)
class Box(Shape):
    """A block whose edges look rounded by `bevel` metres (in shading only)."""

    bevel: float = 0.004

    def strike(self, origin: Array, direction: Array) -> Array:
        """Enters by the nearest face, or leaves by the farthest from inside."""
        over = inverse(direction)
        enter, leave = slab(-self.half, self.half, origin * over, over)
        distance = np.where(enter > NEAR, enter, leave)
        return np.where((enter < leave) & (distance > NEAR), distance, FAR)

    def normal(self, point: Array) -> Array:
        """Returns the face's normal, bent towards the neighbour's within the bevel."""
        depth = np.minimum(self.bevel, self.half * 0.9)
        weight = np.clip((np.abs(point) - (self.half - depth)) / depth, 0, 1)
        return unit(np.sign(point) * weight**2 + point * np.float32(1e-6))


@dataclass(frozen=True)
class Ellipsoid(Shape):
    """A ball stretched to its half extents: lamps, fruit, leaves, tree crowns."""

    def strike(self, origin: Array, direction: Array) -> Array:
        """Solves the quadratic of the unit ball."""
        o, d = origin / self.half, direction / self.half
        a, b, c = dot(d, d), dot(o, d), dot(o, o) - 1
        root = np.sqrt(np.maximum(b * b - a * c, 0))
        near, far = (-b - root) / a, (-b + root) / a
        distance = np.where(near > NEAR, near, far)
        return np.where((b * b > a * c) & (distance > NEAR), distance, FAR)

    def normal(self, point: Array) -> Array:
        """Returns the gradient of the ellipsoid."""
        return unit(point / self.half**2)


@dataclass(frozen=True)
class Foliage(Ellipsoid):
    """A ball of leaves: half of its little cells are holes, and each leaf faces its own way."""

    leaf: float = 0.11

    def _cells(self, point: Array) -> Array:
        slanted = np.stack(
            [point[0] + 0.4 * point[1], point[1] - 0.5 * point[2], point[2] + 0.6 * point[0]]
        )
        return np.floor(slanted / np.float32(self.leaf) + self.center * 7)

    def strike(self, origin: Array, direction: Array) -> Array:
        """Returns the near side where there is a leaf, else the far side, else nothing."""
        o, d = origin / self.half, direction / self.half
        a, b, c = dot(d, d), dot(o, d), dot(o, o) - 1
        crossed = np.flatnonzero((b * b > a * c) & (np.sqrt(np.maximum(b * b - a * c, 0)) > b))
        found = np.full(a.shape, FAR, np.float32)
        if not crossed.size:
            return found
        root = np.sqrt(b[crossed] ** 2 - a[crossed] * c[crossed])
        best: Array = np.full(crossed.size, FAR, np.float32)
        for sign in (1, -1):
            t = (-b[crossed] + sign * root) / a[crossed]
            cells = self._cells(origin[:, crossed] + t * direction[:, crossed])
            leaf = scramble(cells[0], cells[1], cells[2]) > 0.48
            best = np.where(leaf & (t > NEAR), t, best)
        found[crossed] = best
        return found

    def normal(self, point: Array) -> Array:
        """Returns the ball's normal, tilted leaf by leaf."""
        cells = self._cells(point)
        tilt = np.stack(
            [scramble(cells[0] + n * 31, cells[1], cells[2]) - np.float32(0.5) for n in (1, 2, 3)]
        )
        return unit(unit(point / self.half**2) + tilt * np.float32(1.5))


@dataclass(frozen=True)
class Cone(Shape):
    """A capped cone or cylinder along the local y axis, `bottom` and `top` being its radii."""

    bottom: float = 0.1
    top: float = 0.1

    def _slope(self) -> tuple[float, float]:
        return (self.bottom + self.top) / 2, (self.top - self.bottom) / (2 * float(self.half[1, 0]))

    def strike(self, origin: Array, direction: Array) -> Array:
        """Returns the nearest of the two side points and the two caps."""
        return np.minimum(self._side(origin, direction), self._caps(origin, direction))

    def _side(self, o: Array, d: Array) -> Array:
        middle, slope = self._slope()
        here, there = middle + slope * o[1], slope * d[1]
        a = d[0] * d[0] + d[2] * d[2] - there * there
        a = np.where(np.abs(a) < 1e-9, np.float32(1e-9), a)
        b = o[0] * d[0] + o[2] * d[2] - here * there
        c = o[0] * o[0] + o[2] * o[2] - here * here
        inside = b * b - a * c
        root = np.sqrt(np.maximum(inside, 0))
        best = np.full(a.shape, FAR, np.float32)
        for t in ((-b - root) / a, (-b + root) / a):
            good = (inside > 0) & (t > NEAR) & (np.abs(o[1] + t * d[1]) < self.half[1, 0])
            best = np.where(good & (t < best), t, best)
        return best

    def _caps(self, o: Array, d: Array) -> Array:
        rise = np.where(np.abs(d[1]) < 1e-9, np.float32(1e-9), d[1])
        best = np.full(rise.shape, FAR, np.float32)
        for height, radius in ((-self.half[1, 0], self.bottom), (self.half[1, 0], self.top)):
            t = (height - o[1]) / rise
            x, z = o[0] + t * d[0], o[2] + t * d[2]
            good = (t > NEAR) & (x * x + z * z < radius * radius)
            best = np.where(good & (t < best), t, best)
        return best

    def normal(self, point: Array) -> Array:
        """Radial on the side, up or down on the caps."""
        middle, slope = self._slope()
        radius = np.sqrt(point[0] ** 2 + point[2] ** 2)
        cap = radius < (middle + slope * point[1]) - 1e-3
        flat = np.where(cap, np.float32(0), np.float32(1))
        upward = np.where(cap, np.sign(point[1]), -slope * radius)
        return unit(np.stack([point[0] * flat, upward, point[2] * flat]).astype(np.float32))


@dataclass(frozen=True)
class Soft(Shape):
    """A solid met by marching along its distance: a rounded block, a pillow if `power` is set."""

    radius: float = 0.03
    power: float = 0.0

    def distance(self, point: Array) -> Array:
        """Metres to the surface, negative inside (a safe lower bound for pillows)."""
        if self.power:
            return self._pillow(point)
        gap = np.abs(point) - (self.half - self.radius)
        outside = np.maximum(gap, 0)
        return np.sqrt(dot(outside, outside)) + np.minimum(greatest(gap), 0) - self.radius

    def _pillow(self, point: Array) -> Array:
        scaled = np.abs(point) / self.half + np.float32(1e-4)
        level = np.exp(np.log(np.power(scaled, self.power).sum(axis=0)) / self.power)
        return (level - 1) * np.float32(self.half.min() * 0.8)

    def strike(self, origin: Array, direction: Array) -> Array:
        """Marches only the rays that cross the bounding block."""
        over = inverse(direction)
        enter, leave = slab(-self.half, self.half, origin * over, over)
        found = np.full(enter.shape, FAR, np.float32)
        alive = np.flatnonzero((enter < leave) & (leave > NEAR))
        t = np.maximum(enter[alive], NEAR * 4)
        for _ in range(36):
            if not alive.size:
                break
            gap = self.distance(origin[:, alive] + t * direction[:, alive])
            done = np.abs(gap) < 4e-4
            found[alive[done]] = t[done]
            t = t + np.abs(gap) + np.float32(1e-5)
            keep = ~done & (t < leave[alive])
            alive, t = alive[keep], t[keep]
        return found

    def normal(self, point: Array) -> Array:
        """Returns the gradient of the distance, by differences of a millimetre."""
        step = np.float32(1e-3)
        axes = np.eye(3, dtype=np.float32)[:, :, None] * step
        slopes = [self.distance(point + a) - self.distance(point - a) for a in axes]
        return unit(np.stack(slopes))
