"""Light: a coarse grid of probes for many bounces, then a final gather at the visible points.

Irradiance is W/m2 in arbitrary units per colour; albedo/pi times it is radiance.
"""

# NumPy types mixed arithmetic as Any.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from tools.rooms.scene import Hit, Lamp, Portal, Scene
from tools.rooms.shapes import FAR, Array, column, dot, unit

CHUNK = 32768
OFFSET = np.float32(1.5e-3)
PI = np.float32(math.pi)
type Generator = np.random.Generator


def around(normal: Array, u: Array, v: Array) -> Array:
    """Cosine-weighted directions about normals, from two numbers in 0..1 each."""
    angle, level = 2 * PI * u, 2 * v - 1
    ring = np.sqrt(np.maximum(1 - level * level, 0))
    ball = np.stack([ring * np.cos(angle), ring * np.sin(angle), level])
    return unit(normal * np.float32(1.001) + ball)


def sunlight(scene: Scene, point: Array, normal: Array, random: Generator) -> Array:
    """Irradiance straight from the sun, with a soft edge to the shadow."""
    spread = random.normal(0, scene.sun_spread, point.shape).astype(np.float32)
    towards = unit(unit(column(scene.sun_direction)) + spread)
    facing = dot(normal, towards)
    light = np.zeros_like(point)
    lit = np.flatnonzero(facing > 0)
    if lit.size and max(scene.sun_color) > 0:
        start = point[:, lit] + normal[:, lit] * OFFSET
        free = ~scene.blocked(start, towards[:, lit])
        light[:, lit] = column(scene.sun_color) * (facing[lit] * free)
    return light


def lamplight(scene: Scene, lamp: Lamp, point: Array, normal: Array, random: Generator) -> Array:
    """Irradiance from one lamp."""
    target = column(lamp.position) + random.normal(0, lamp.radius, point.shape).astype(np.float32)
    way = target - point
    square = np.maximum(dot(way, way), 0.02)
    direction = unit(way)
    facing = np.maximum(dot(normal, direction), 0)
    free = ~scene.blocked(point + normal * OFFSET, direction, np.sqrt(square) * np.float32(0.98))
    return column(lamp.power) * (facing * free / square)


def windowlight(
    scene: Scene, portal: Portal, point: Array, normal: Array, random: Generator
) -> Array:
    """Irradiance of the sky through one window, by one point of the pane for each receiver."""
    u, v = random.random((2, 1, point.shape[1]), dtype=np.float32)
    target = column(portal.corner) + column(portal.across) * u + column(portal.upward) * v
    way = target - point
    square = np.maximum(dot(way, way), 0.09)
    direction = unit(way)
    facing = np.maximum(dot(normal, direction), 0)
    pane = np.maximum(-dot(np.broadcast_to(column(portal.inward), direction.shape), direction), 0)
    light = np.zeros_like(point)
    seen = np.flatnonzero(facing * pane > 0)
    if seen.size:
        start = point[:, seen] + normal[:, seen] * OFFSET
        free = ~scene.blocked(start, direction[:, seen])
        weight = (
            facing[seen]
            * pane[seen]
            * free
            * np.minimum(np.float32(portal.area()) / square[seen], 3)
        )
        light[:, seen] = scene.sky(direction[:, seen]) * weight
    return light


class Probes:
    """An ambient cube (irradiance for six axes) at each point of a grid through the room."""

    def __init__(self, scene: Scene, rays: int = 128, rounds: int = 3) -> None:
        """Lights the grid `rounds` times, each round adding one bounce."""
        self.scene = scene
        self.low = column(scene.low)
        room = np.array(scene.high) - np.array(scene.low)
        spacing = max(0.5, float(room.prod() / 2200) ** (1 / 3))
        self.shape = tuple(max(2, int(n)) for n in np.ceil(room / spacing))
        self.step = (column(scene.high) - self.low) / (
            np.array(self.shape, np.float32)[:, None] - 1
        )
        grid = np.meshgrid(*[np.arange(n, dtype=np.float32) for n in self.shape], indexing="ij")
        self.points = self.low + np.stack([g.ravel() for g in grid]) * self.step
        self.cubes = np.zeros((6, 3, self.points.shape[1]), np.float32)
        for round_number in range(rounds):
            self._round(rays, np.random.default_rng(100 + round_number))

    def _round(self, rays: int, random: Generator) -> None:
        cubes = np.zeros_like(self.cubes)
        inside = np.zeros(self.points.shape[1], np.float32)
        per_chunk = max(1, CHUNK // rays)
        for start in range(0, self.points.shape[1], per_chunk):
            part = slice(start, start + per_chunk)
            cubes[:, :, part], inside[part] = self._light(self.points[:, part], rays, random)
        self.cubes = self._heal(cubes, inside < 0.2)

    def _light(self, points: Array, rays: int, random: Generator) -> tuple[Array, Array]:
        count = points.shape[1]
        direction = unit(random.normal(0, 1, (3, count * rays)).astype(np.float32))
        origin = np.repeat(points, rays, axis=1)
        distance, index = self.scene.nearest(origin, direction)
        hit = self.scene.surface(origin, direction, distance, index, fine=False)
        light = radiance(self.scene, self, hit, direction, random)
        wrong = self._behind(hit, direction, index)
        sides = np.concatenate([np.maximum(direction, 0), np.maximum(-direction, 0)])
        cubes = np.einsum("sr,cr->scr", sides, light).reshape(6, 3, count, rays).mean(axis=3) * (
            4 * PI
        )
        for lamp in self.scene.lamps:
            for axis in range(6):
                normal = np.zeros_like(points)
                normal[axis % 3] = 1 if axis < 3 else -1
                cubes[axis] += lamplight(self.scene, lamp, points, normal, random)
        return cubes.astype(np.float32), wrong.reshape(count, rays).mean(axis=1)

    def _behind(self, hit: Hit, direction: Array, index: npt.NDArray[np.int32]) -> Array:
        """1 for each ray that left a solid it began in."""
        wrong = np.zeros(index.size, np.float32)
        for number in np.unique(index[index >= 0]):
            part = np.flatnonzero(index == number)
            shape = self.scene.shapes[int(number)]
            local = shape.to_local(hit.point[:, part] - shape.center)
            wrong[part] = dot(shape.to_room(shape.normal(local)), direction[:, part]) > 0
        return wrong

    def _heal(self, cubes: Array, good: npt.NDArray[np.bool_]) -> Array:
        """Fills probes that stand inside furniture from their neighbours, and smooths a little."""
        weight = good.reshape(self.shape).astype(np.float32)
        field = cubes.reshape(6, 3, *self.shape) * weight
        for _ in range(3):
            near, near_weight = _spread(field), _spread(weight)
            filled = near / np.maximum(near_weight, 1e-6)
            field = np.where(weight > 0, field, filled)
            weight = np.where(weight > 0, weight, (near_weight > 0).astype(np.float32))
        smooth = _spread(field) / np.maximum(_spread(weight), 1e-6)
        return (field * np.float32(0.5) + smooth * np.float32(0.5)).reshape(cubes.shape)

    def at(self, point: Array, normal: Array) -> Array:
        """Irradiance on surfaces anywhere in the room."""
        limit = np.array(self.shape, np.float32)[:, None] - np.float32(1.001)
        place = np.clip((point + normal * np.float32(0.12) - self.low) / self.step, 0, limit)
        base = place.astype(np.int32)
        rest = place - base
        squares = normal * normal
        weights = np.concatenate([squares * (normal > 0), squares * (normal <= 0)])
        total = np.zeros_like(point)
        for corner in range(8):
            step = np.array([corner & 1, corner >> 1 & 1, corner >> 2], np.int32)[:, None]
            share = np.where(step > 0, rest, 1 - rest).prod(axis=0)
            x, y, z = base + step
            cell = (x * self.shape[1] + y) * self.shape[2] + z
            total += np.einsum("scr,sr->cr", self.cubes[:, :, cell], weights * share)
        return total


def _spread(field: Array) -> Array:
    """Returns the sum of each cell and its six neighbours."""
    total = field.copy()
    for axis in (-1, -2, -3):
        size = field.shape[axis]
        ahead, behind = [slice(None)] * field.ndim, [slice(None)] * field.ndim
        ahead[axis], behind[axis] = slice(1, size), slice(0, size - 1)
        total[tuple(ahead)] += field[tuple(behind)]
        total[tuple(behind)] += field[tuple(ahead)]
    return total


def radiance(
    scene: Scene, probes: Probes, hit: Hit, direction: Array, random: Generator, glow: bool = False
) -> Array:
    """Returns what comes back along rays that ended at `hit`: sky, or the surface's answer to all
    light.
    """
    irradiance = probes.at(hit.point, hit.normal) + sunlight(scene, hit.point, hit.normal, random)
    light = hit.albedo * irradiance / PI
    if glow:
        light = light + hit.emission
    open_air = hit.index < 0
    if open_air.any():
        light[:, open_air] = scene.sky(direction[:, open_air])
    return light


def gather(
    scene: Scene, probes: Probes, point: Array, normal: Array, samples: int, random: Generator
) -> Array:
    """Irradiance at visible points without the sun's own: windows, lamps and every bounce."""
    total = np.zeros_like(point)
    shift = random.random((2, point.shape[1]), dtype=np.float32)
    for number in range(samples):
        u = (shift[0] + np.float32(number * 0.7548776662)) % 1
        v = (shift[1] + np.float32(number * 0.5698402910)) % 1
        total += _bounce(scene, probes, point, normal, around(normal, u, v), random)
        if scene.portals:
            portal = scene.portals[number % len(scene.portals)]
            total += len(scene.portals) * windowlight(scene, portal, point, normal, random)
        if scene.lamps and number % 3 == 0:
            lamp = scene.lamps[number // 3 % len(scene.lamps)]
            total += 3 * len(scene.lamps) * lamplight(scene, lamp, point, normal, random)
    return total / np.float32(samples)


def _bounce(
    scene: Scene, probes: Probes, point: Array, normal: Array, direction: Array, random: Generator
) -> Array:
    origin = point + normal * OFFSET
    distance, index = scene.nearest(origin, direction)
    hit = scene.surface(origin, direction, distance, index, fine=False)
    light = radiance(scene, probes, hit, direction, random)
    if scene.portals:
        light[:, distance >= FAR] = 0
    return np.minimum(light, 40) * PI
