"""Takes a picture of a scene: camera, denoised light, reflections, the developing of the film."""

# NumPy types mixed arithmetic as Any.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from tools.rooms.develop import develop, smooth_gloss
from tools.rooms.light import CHUNK, OFFSET, PI, Probes, gather, radiance, sunlight
from tools.rooms.scene import Hit, Scene
from tools.rooms.shapes import FAR, Array, Vector, column, dot, unit


@dataclass(frozen=True)
class Camera:
    """A level camera with a shift lens, as architects use it: uprights stay upright.

    `yaw` in degrees turns from +z to +x; `view` is the horizontal angle of the long side in
    degrees; `shift` moves the picture up (as a share of its height).
    """

    position: Vector
    yaw: float
    view: float = 74.0
    shift: float = -0.06
    exposure: float = 1.0

    def rays(self, x: Array, y: Array, width: int, height: int) -> tuple[Array, Array]:
        """Origins and directions through pixel positions (0, 0 is the top left corner)."""
        reach = math.tan(math.radians(self.view / 2)) / (max(width, height) / 2)
        right = (x - width / 2) * reach
        upward = (height / 2 - y + self.shift * height) * reach
        turn = math.radians(self.yaw)
        direction = np.stack(
            [
                right * math.cos(turn) + math.sin(turn),
                upward,
                math.cos(turn) - right * math.sin(turn),
            ]
        )
        return np.broadcast_to(column(self.position), direction.shape), unit(
            direction.astype(np.float32)
        )


@dataclass
class LightMap:
    """Denoised irradiance on a coarse grid of the picture, with what is needed to upsample it."""

    light: Array
    point: Array
    normal: Array
    scale: int


def take(
    scene: Scene,
    camera: Camera,
    width: int,
    height: int,
    samples: int = 36,
    subpixels: int = 2,
    scale: int = 4,
) -> Image.Image:
    """Renders with `samples` gather rays a coarse pixel and `subpixels` squared rays a pixel."""
    scene.build()
    probes = Probes(scene)
    coarse = light_map(scene, probes, camera, (width, height), samples, scale)
    linear, gloss, weight = _expose(scene, probes, camera, coarse, (width, height), subpixels)
    return develop(linear + smooth_gloss(gloss, weight), camera.exposure)


def light_map(
    scene: Scene, probes: Probes, camera: Camera, size: tuple[int, int], samples: int, scale: int
) -> LightMap:
    """Irradiance at every `scale`-th pixel, denoised along surfaces."""
    width, height = size
    rows, columns = -(-height // scale), -(-width // scale)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32).reshape(2, -1) * scale + scale / 2
    parts = []
    random = np.random.default_rng(7)
    for start in range(0, x.size, CHUNK):
        part = slice(start, start + CHUNK)
        origin, direction = camera.rays(x[part], y[part], width, height)
        distance, index = scene.nearest(origin, direction)
        hit = scene.surface(origin, direction, distance, index, fine=False)
        parts.append(
            (gather(scene, probes, hit.point, hit.normal, samples, random), hit.point, hit.normal)
        )
    light, point, normal = (
        np.concatenate(p, axis=1).reshape(3, rows, columns) for p in zip(*parts, strict=True)
    )
    return LightMap(denoise(light, point, normal), point, normal, scale)


def denoise(light: Array, point: Array, normal: Array, rounds: int = 4) -> Array:
    """Returns an edge-keeping a-trous filter: averages along planes, not across corners or sharp
    shade.
    """
    for level in range(rounds):
        step = 2**level
        total, weights = light * 1, np.ones(light.shape[1:], np.float32)
        level_light = light.sum(axis=0)
        for dy in (-step, 0, step):
            for dx in (-step, 0, step):
                if dx == 0 and dy == 0:
                    continue
                other, other_point, other_normal = (
                    _shifted(a, dy, dx) for a in (light, point, normal)
                )
                plane = np.abs(((other_point - point) * normal).sum(axis=0))
                turn = np.clip((normal * other_normal).sum(axis=0), 0, 1) ** 24
                change = np.abs(other.sum(axis=0) - level_light) / (level_light + np.float32(0.05))
                weight = turn * np.exp(-plane * 40 - change * (2.0 + level * 2)) * np.float32(0.7)
                total += other * weight
                weights += weight
        light = total / weights
    return light


def _shifted(field: Array, dy: int, dx: int) -> Array:
    rows: Array = np.clip(np.arange(field.shape[1]) + dy, 0, field.shape[1] - 1)
    columns: Array = np.clip(np.arange(field.shape[2]) + dx, 0, field.shape[2] - 1)
    return field[:, rows][:, :, columns]


def _upsample(coarse: LightMap, probes: Probes, hit: Hit, x: Array, y: Array) -> Array:
    """Returns the light map's irradiance at fine points, from neighbours on the same
    surface only.
    """
    u, v = x / coarse.scale - 0.5, y / coarse.scale - 0.5
    left, top = np.floor(u).astype(np.int32), np.floor(v).astype(np.int32)
    total = np.zeros_like(hit.point)
    weights = np.zeros(x.size, np.float32)
    for step_y in (-1, 0, 1, 2):
        for step_x in (-1, 0, 1, 2):
            column_at, row = left + step_x, top + step_y
            near = np.maximum(1.6 - np.abs(u - column_at), 0) * np.maximum(1.6 - np.abs(v - row), 0)
            row, column_at = (
                np.clip(row, 0, coarse.light.shape[1] - 1),
                np.clip(column_at, 0, coarse.light.shape[2] - 1),
            )
            plane = np.abs(dot(coarse.point[:, row, column_at] - hit.point, hit.normal))
            turn = np.clip(dot(coarse.normal[:, row, column_at], hit.normal), 0, 1) ** 12
            weight = near * near * turn * np.exp(-plane * 90)
            total += coarse.light[:, row, column_at] * weight
            weights += weight
    poor = np.flatnonzero(weights < 1e-3)
    light = total / np.maximum(weights, 1e-6)
    if poor.size:
        light[:, poor] = probes.at(hit.point[:, poor], hit.normal[:, poor])
    return light


def _expose(
    scene: Scene,
    probes: Probes,
    camera: Camera,
    coarse: LightMap,
    size: tuple[int, int],
    subpixels: int,
) -> tuple[Array, Array, Array]:
    """Diffuse light, reflected light, and how rough the reflection is, for every pixel."""
    width, height = size
    linear: Array
    gloss: Array
    rough: Array
    linear, gloss, rough = (np.zeros((n, height * width), np.float32) for n in (3, 3, 1))
    random = np.random.default_rng(11)
    pixels = np.arange(width * height)
    for start in range(0, pixels.size, CHUNK):
        part = pixels[start : start + CHUNK]
        for sub in range(subpixels**2):
            x = (
                part % width
                + (sub % subpixels + random.random(part.size, dtype=np.float32)) / subpixels
            )
            y = (
                part // width
                + (sub // subpixels + random.random(part.size, dtype=np.float32)) / subpixels
            )
            shine = _shade(
                scene,
                probes,
                camera,
                coarse,
                (x.astype(np.float32), y.astype(np.float32)),
                size,
                random,
            )
            for target, value in zip((linear, gloss, rough), shine, strict=True):
                target[:, part] += value / subpixels**2
    return tuple(a.reshape(-1, height, width) for a in (linear, gloss, rough))


def _shade(
    scene: Scene,
    probes: Probes,
    camera: Camera,
    coarse: LightMap,
    at: tuple[Array, Array],
    size: tuple[int, int],
    random: np.random.Generator,
) -> tuple[Array, Array, Array]:
    origin, direction = camera.rays(*at, *size)
    distance, index = scene.nearest(origin, direction)
    hit = scene.surface(origin, direction, distance, index, fine=True)
    light = _upsample(coarse, probes, hit, *at) + sunlight(scene, hit.point, hit.normal, random)
    diffuse = hit.albedo * light / PI * (1 - hit.metal) + hit.emission
    open_air = distance >= FAR
    diffuse[:, open_air] = np.minimum(scene.sky(direction[:, open_air]), 6)
    mirrored, share = _reflect(scene, probes, hit, direction, random)
    sharp = hit.roughness < 0.02
    diffuse = diffuse * (1 - np.where(hit.metal > 0, 0, share)) + np.where(sharp, mirrored, 0)
    return (
        np.minimum(diffuse, 12),
        np.where(sharp, 0, mirrored),
        hit.roughness[None] * (~sharp & (hit.specular > 0)),
    )


def _reflect(
    scene: Scene, probes: Probes, hit: Hit, direction: Array, random: np.random.Generator
) -> tuple[Array, Array]:
    """Reflected light and the share of light that is reflected rather than scattered."""
    light, share = np.zeros_like(hit.point), np.zeros(hit.index.size, np.float32)
    chosen = np.flatnonzero(hit.specular > 0)
    if chosen.size:
        d, normal = direction[:, chosen], hit.normal[:, chosen]
        cosine = np.clip(-dot(d, normal), 0, 1)
        base, rough = hit.specular[chosen], hit.roughness[chosen]
        fresnel = base + (np.maximum(1 - rough * 2.5, base) - base) * (1 - cosine) ** 5
        spread = random.normal(0, 1, d.shape).astype(np.float32) * (
            rough * rough * np.float32(2.2) + rough * np.float32(0.12)
        )
        mirror = unit(d + 2 * cosine * normal + spread)
        origin = hit.point[:, chosen] + normal * OFFSET
        distance, index = scene.nearest(origin, mirror)
        seen = scene.surface(origin, mirror, distance, index, fine=True)
        tint = np.where(hit.metal[chosen] > 0, hit.albedo[:, chosen], np.float32(1))
        light[:, chosen] = (
            np.minimum(radiance(scene, probes, seen, mirror, random, glow=True), 8) * fresnel * tint
        )
        share[chosen] = fresnel
    return light, share
