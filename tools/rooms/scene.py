"""A room as rays see it: groups of shapes, the sun, the sky, windows and lamps."""

# NumPy types mixed arithmetic as Any.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tools.rooms.shapes import (
    FAR,
    NEAR,
    Array,
    Material,
    Shape,
    Vector,
    column,
    dot,
    inverse,
    slab,
    unit,
)

type Indexes = npt.NDArray[np.int32]
type Sky = Callable[[Array], Array]


@dataclass(frozen=True)
class Portal:
    """A window pane that sky light enters by: a corner, two edges, and the way into the room."""

    corner: Vector
    across: Vector
    upward: Vector
    inward: Vector

    def area(self) -> float:
        """Square metres."""
        return float(np.linalg.norm(self.across) * np.linalg.norm(self.upward))


@dataclass(frozen=True)
class Lamp:
    """A glowing ball; `power` is radiant intensity per colour."""

    position: Vector
    power: Vector
    radius: float = 0.06


@dataclass
class Hit:
    """What a batch of rays met. Columns that met nothing have `index` -1 and zeros."""

    index: Indexes
    point: Array
    normal: Array
    albedo: Array
    emission: Array
    specular: Array
    roughness: Array
    metal: Array


@dataclass
class Scene:
    """Everything that is in one picture but the camera."""

    name: str
    sky: Sky
    sun_direction: Vector
    sun_color: Vector
    low: Vector
    high: Vector
    groups: list[list[Shape]] = field(default_factory=list)
    portals: list[Portal] = field(default_factory=list)
    lamps: list[Lamp] = field(default_factory=list)
    sun_spread: float = 0.004

    def __post_init__(self) -> None:
        self.shapes: list[Shape] = []
        self.boxes: list[tuple[Array, Array]] = []
        self.averages: list[Array] = []

    def build(self) -> None:
        """Prepares group bounds and average colours; call once when all shapes are in."""
        self.shapes = [shape for group in self.groups for shape in group]
        self.boxes = [_bounds(group) for group in self.groups]
        self.averages = [_average(shape) for shape in self.shapes]

    def nearest(
        self, origin: Array, direction: Array, limit: Array | None = None, shadow: bool = False
    ) -> tuple[Array, Indexes]:
        """Distance to and number of the first shape met before `limit`; FAR and -1 for none.

        With `shadow`, shapes that light passes are left out.
        """
        best = (
            np.full(origin.shape[1], FAR, np.float32) if limit is None else limit.astype(np.float32)
        )
        which = np.full(origin.shape[1], -1, np.int32)
        over = inverse(direction)
        start = origin * over
        number = 0
        for group, (low, high) in zip(self.groups, self.boxes, strict=True):
            enter, leave = slab(low, high, start, over)
            chosen = np.flatnonzero((enter < leave) & (leave > NEAR) & (enter < best))
            if chosen.size:
                _visit(group, number, chosen, origin, direction, best, which, shadow)
            number += len(group)
        return best, which

    def blocked(
        self, origin: Array, direction: Array, limit: Array | None = None
    ) -> npt.NDArray[np.bool_]:
        """Returns whether something stands between each origin and `limit` metres along the ray."""
        return self.nearest(origin, direction, limit, shadow=True)[1] >= 0

    def surface(
        self, origin: Array, direction: Array, distance: Array, index: Indexes, fine: bool
    ) -> Hit:
        """Point, normal towards the viewer, and material where each ray ended."""
        count = index.size
        point = origin + direction * np.where(index >= 0, distance, 0)
        vectors = np.zeros((3, 3, count), np.float32)
        numbers = np.zeros((3, count), np.float32)
        hit = Hit(index, point, *vectors, *numbers)
        order = np.argsort(index, kind="stable")
        cuts: Indexes = np.flatnonzero(np.diff(index[order])) + 1
        for part in np.split(order, cuts):
            if part.size and index[part[0]] >= 0:
                self._fill(hit, int(index[part[0]]), part, fine)
        facing = np.where(dot(hit.normal, direction) > 0, np.float32(-1), np.float32(1))
        hit.normal *= facing
        return hit

    def _fill(self, hit: Hit, number: int, part: npt.NDArray[np.int64], fine: bool) -> None:
        shape = self.shapes[number]
        material = shape.material
        local = shape.to_local(hit.point[:, part] - shape.center)
        normal = shape.normal(local)
        hit.normal[:, part] = unit(shape.to_room(normal))
        hit.albedo[:, part] = _color(material, local, normal) if fine else self.averages[number]
        hit.emission[:, part] = column(material.emission)
        hit.specular[part], hit.roughness[part], hit.metal[part] = (
            material.specular,
            material.roughness,
            float(material.metal),
        )


def _visit(
    group: list[Shape],
    number: int,
    chosen: npt.NDArray[np.int64],
    origin: Array,
    direction: Array,
    best: Array,
    which: Indexes,
    shadow: bool,
) -> None:
    o, d = origin.take(chosen, axis=1), direction.take(chosen, axis=1)
    b, w = best[chosen], which[chosen]
    for step, shape in enumerate(group):
        if shadow and not shape.material.casts:
            continue
        t = shape.meet(o, d)
        closer = t < b
        b, w = np.where(closer, t, b), np.where(closer, np.int32(number + step), w)
    best[chosen], which[chosen] = b, w


def _bounds(group: list[Shape]) -> tuple[Array, Array]:
    corners = [shape.bounds() for shape in group]
    return np.min([low for low, _ in corners], axis=0), np.max(
        [high for _, high in corners], axis=0
    )


def _color(material: Material, local: Array, normal: Array) -> Array:
    return column(material.color) if material.pattern is None else material.pattern(local, normal)


def _average(shape: Shape) -> Array:
    if shape.material.pattern is None:
        return column(shape.material.color)
    random = np.random.default_rng(5).uniform(-1, 1, (3, 256)).astype(np.float32) * shape.half
    normal = np.tile(column((0, 1, 0)), (1, 256))
    return shape.material.pattern(random, normal).mean(axis=1, keepdims=True)


def day_sky(zenith: Vector, horizon: Vector, ground: Vector, sun: Vector, glow: float = 0.5) -> Sky:
    """Returns a sky that pales towards the horizon, brightens near the sun, over a plain ground."""
    towards = unit(column(sun))

    def sky(d: Array) -> Array:
        up = np.clip(d[1], 0, 1) ** np.float32(0.45)
        color = column(horizon) + (column(zenith) - column(horizon)) * up
        near = np.clip((towards * d).sum(axis=0), 0, 1)
        color = color * (1 + glow * near**8 + glow * 2 * near**64)
        below = np.clip(-d[1] / np.float32(0.04) + 0.3, 0, 1)
        return color + (column(ground) - color) * below

    return sky
