"""Surface patterns from value noise: wood, stone, tiles, cloth, grass. All give (3, n) colours."""

# NumPy types mixed arithmetic as Any.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

import numpy as np

from tools.rooms.shapes import Array, Pattern, Vector, column, scramble


def noise(p: Array) -> Array:
    """Smooth value noise in 0..1 with features of about one unit."""
    base = np.floor(p)
    f = p - base
    f = f * f * (3 - 2 * f)
    total = np.zeros(p.shape[1], np.float32)
    for corner in range(8):
        step = (corner & 1, corner >> 1 & 1, corner >> 2)
        weight = np.ones(p.shape[1], np.float32)
        for axis in range(3):
            weight = weight * (f[axis] if step[axis] else 1 - f[axis])
        total += weight * scramble(base[0] + step[0], base[1] + step[1], base[2] + step[2])
    return total


def layers(p: Array, count: int = 4) -> Array:
    """Noise of several sizes added up, in 0..1."""
    total, size = np.zeros(p.shape[1], np.float32), 0.5
    for level in range(count):
        total += np.float32(size) * noise(p * np.float32(2**level) + np.float32(17.3 * level))
        size /= 2
    return total / np.float32(1 - 0.5**count)


def mix(a: Vector, b: Vector, amount: Array) -> Array:
    """Colours between `a` (amount 0) and `b` (amount 1)."""
    return column(a) + (column(b) - column(a)) * np.clip(amount, 0, 1)


def wood(light: Vector, dark: Vector, axis: int = 0, scale: float = 1.0) -> Pattern:
    """Solid wood whose grain runs along a local axis."""
    stretch: Array = np.full((3, 1), 14.0 / scale, np.float32)
    stretch[axis] = 1.2 / scale

    def pattern(p: Array, _normal: Array) -> Array:
        q = p * stretch
        rings = 0.5 + 0.5 * np.sin(22 * layers(q * np.float32(0.35) + 3.1, 2))
        fibre = layers(q * np.float32(5.0), 2)
        return mix(light, dark, np.float32(0.6) * rings + np.float32(0.5) * fibre - np.float32(0.1))

    return pattern


def planks(
    light: Vector, dark: Vector, width: float = 0.16, length: float = 1.7, turned: bool = False
) -> Pattern:
    """Returns a floor of boards with seams, each board with its own tone."""

    def pattern(p: Array, _normal: Array) -> Array:
        u, v = (p[2], p[0]) if turned else (p[0], p[2])
        row = np.floor(u / width)
        along = v / length + scramble(row, row * 0, row * 0 + 5)
        board = np.floor(along)
        tone = scramble(row, board, row * 0 + 9)
        grain_at = np.stack([u * 26 + tone * 40, v * 1.5 + tone * 90, tone * 7])
        grain = layers(grain_at, 3)
        rings = 0.5 + 0.5 * np.sin(grain * 26)
        edge = np.minimum(
            np.abs(u / width - np.round(u / width)) * width,
            np.abs(along - np.round(along)) * length,
        )
        seam = np.clip(edge / np.float32(0.0022), 0, 1) * np.float32(0.55) + np.float32(0.45)
        return (
            mix(
                light,
                dark,
                tone * np.float32(0.55) + grain * np.float32(0.5) + rings * np.float32(0.12) - 0.15,
            )
            * seam
        )

    return pattern


def chevron(
    light: Vector, dark: Vector, width: float = 0.11, column_width: float = 0.62
) -> Pattern:
    """Returns a parquet of slanted boards meeting in zigzag."""
    boards = planks(light, dark, width, 99.0)

    def pattern(p: Array, normal: Array) -> Array:
        strip = p[0] / column_width
        index = np.floor(strip)
        inside = (strip - index - 0.5) * column_width
        flip = np.where(index % 2 == 0, np.float32(1), np.float32(-1))
        q = np.stack(
            [
                (p[2] + flip * inside) * np.float32(0.7071),
                p[1],
                (p[2] - flip * inside) * np.float32(0.7071) + index * 31,
            ]
        )
        transition = np.clip(
            (0.5 - np.abs(strip - index - 0.5)) * column_width / np.float32(0.002), 0.5, 1
        )
        return boards(q.astype(np.float32), normal) * transition

    return pattern


def tiles(
    light: Vector,
    dark: Vector,
    width: float,
    height: float,
    grout: Vector = (0.6, 0.6, 0.58),
    shift: float = 0.0,
) -> Pattern:
    """Tiles on any axis-aligned face, with grout and a slightly different tone for each."""

    def pattern(p: Array, normal: Array) -> Array:
        side = np.abs(normal)
        u = np.where(side[0] > 0.6, p[2], p[0]) / width
        v = np.where(side[1] > 0.6, p[2], p[1]) / height
        u = u + np.floor(v) * np.float32(shift)
        tone = scramble(np.floor(u), np.floor(v), np.zeros_like(u))
        gap = np.minimum(np.abs(u - np.round(u)) * width, np.abs(v - np.round(v)) * height)
        face = mix(
            light, dark, tone * np.float32(0.6) + layers(p * np.float32(6), 3) * np.float32(0.4)
        )
        return np.where(gap < 0.0018, column(grout), face)

    return pattern


def marble(light: Vector, vein: Vector, scale: float = 1.6) -> Pattern:
    """Pale stone with soft veins."""

    def pattern(p: Array, _normal: Array) -> Array:
        q = p * np.float32(scale)
        bend = layers(q * 2 + 5, 4)
        line = np.abs(np.sin((q[0] * 1.3 + q[1] * 0.9 + q[2] * 0.7 + bend * 3.2) * np.float32(2.2)))
        fine = np.abs(
            np.sin((q[0] - q[2] * 1.1 + q[1] + layers(q * 3 + 11, 3) * 4) * np.float32(3.5))
        )
        return mix(
            light, vein, np.exp(-line * 9) * np.float32(0.75) + np.exp(-fine * 16) * np.float32(0.3)
        )

    return pattern


def cloth(color: Vector, contrast: float = 0.18, scale: float = 1.0) -> Pattern:
    """Woven cloth: fine threads and a little unevenness."""
    dark: Vector = (color[0] * (1 - contrast), color[1] * (1 - contrast), color[2] * (1 - contrast))

    def pattern(p: Array, _normal: Array) -> Array:
        q = p * np.float32(260 / scale)
        threads = np.sin(q[0]) * np.sin(q[1]) * np.sin(q[2] + 1.3)
        return mix(
            color,
            dark,
            np.float32(0.35) + threads * np.float32(0.3) + (layers(p * np.float32(9), 3) - 0.5),
        )

    return pattern


def speckle(a: Vector, b: Vector, scale: float = 8.0, count: int = 4) -> Pattern:
    """Soft blotches between two colours: plaster, gravel, leaves, grass."""

    def pattern(p: Array, _normal: Array) -> Array:
        return mix(
            a,
            b,
            (layers(p * np.float32(scale), count) - np.float32(0.5)) * np.float32(1.8)
            + np.float32(0.5),
        )

    return pattern


def slats(light: Vector, dark: Vector, width: float = 0.09, axis: int = 0) -> Pattern:
    """Boards side by side on a facade or a deck, counted along a local axis, dark in the gaps."""
    along = 1 if axis != 1 else 0

    def pattern(p: Array, _normal: Array) -> Array:
        u = p[axis] / width
        board = np.floor(u)
        tone = scramble(board, board * 0 + 3, board * 0)
        q = p * np.float32(30)
        q[along] = p[along] * np.float32(2) + tone * 50
        q[2 - axis if axis != 1 else 2] += tone * 9
        gap = np.clip((0.5 - np.abs(u - board - 0.5)) * width / np.float32(0.006), 0.25, 1)
        return (
            mix(
                light,
                dark,
                tone * np.float32(0.6) + layers(q, 3) * np.float32(0.6) - np.float32(0.1),
            )
            * gap
        )

    return pattern


def rug(ground: Vector, figure: Vector, half_width: float, half_depth: float) -> Pattern:
    """Returns a woven rug with two border lines and a quiet lozenge figure."""

    def pattern(p: Array, _normal: Array) -> Array:
        edge = np.minimum(half_width - np.abs(p[0]), half_depth - np.abs(p[2]))
        border = ((edge > 0.10) & (edge < 0.13)) | ((edge > 0.16) & (edge < 0.17))
        u, v = p[0] / 0.34, p[2] / 0.34
        lozenge = np.abs(np.abs((u + v) % 2 - 1) + np.abs((u - v) % 2 - 1) - 1)
        drawn = np.where((lozenge < 0.09) & (edge > 0.22), np.float32(0.75), np.float32(0))
        weave = (layers(p * np.float32(60), 3) - 0.5) * np.float32(0.5)
        return mix(ground, figure, np.where(border, np.float32(0.9), drawn) + weave)

    return pattern


def painting(
    seed: int, palette: tuple[Vector, Vector, Vector, Vector], scale: float = 2.2
) -> Pattern:
    """Returns an abstract picture: broad layered shapes in four colours."""

    def pattern(p: Array, _normal: Array) -> Array:
        q = np.stack([p[0], p[1], np.full_like(p[0], np.float32(seed * 3.7))]) * np.float32(scale)
        height = layers(q, 3) + p[1] * np.float32(0.55)
        picture = np.broadcast_to(column(palette[0]), p.shape).copy()
        for level, color in zip((0.36, 0.5, 0.64), palette[1:], strict=True):
            brush = (layers(q * 7, 2) - np.float32(0.5)) * np.float32(0.06)
            blend = np.clip((height + brush - level) / np.float32(0.012), 0, 1)
            picture += (column(color) - picture) * blend
        return picture * (np.float32(0.9) + layers(q * 20, 2) * np.float32(0.2))

    return pattern
