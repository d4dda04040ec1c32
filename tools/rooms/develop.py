"""Develops linear light to a picture: calmer gloss, exposure, bloom, a filmic curve."""

# NumPy types mixed arithmetic as Any.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

import numpy as np
from PIL import Image

from tools.rooms.shapes import Array


def smooth_gloss(gloss: Array, rough: Array) -> Array:
    """Calms the noise of rough reflections, the more the rougher."""
    amount = np.clip(rough * np.float32(14), 0, 1)
    blurred = _blur(gloss, 3) / np.maximum(_blur((rough > 0).astype(np.float32), 3), 0.05)
    return np.where(rough > 0, gloss + (blurred - gloss) * amount, gloss)


def _blur(field: Array, radius: int) -> Array:
    for axis in (1, 2):
        weights = np.exp(-0.5 * (np.arange(-2 * radius, 2 * radius + 1) / radius) ** 2)
        weights = weights / weights.sum()
        padded = np.pad(
            field,
            [(0, 0)] + [(2 * radius, 2 * radius) if a == axis else (0, 0) for a in (1, 2)],
            mode="edge",
        )
        size = field.shape[axis]
        field = np.zeros_like(field)
        for k, weight in enumerate(weights):
            field += np.float32(weight) * np.take(padded, range(k, k + size), axis=axis)
    return field


def develop(linear: Array, exposure: float) -> Image.Image:
    """Exposure, bloom, a filmic curve, a slight vignette and dither: linear light to a picture."""
    light: Array = linear * np.float32(exposure / max(_key(linear), 1e-4))
    light = light + _bloom(light) * np.float32(0.035)
    light = light * _vignette(light.shape[1], light.shape[2])
    curve: Array = _filmic(light)
    dither: Array = np.random.default_rng(3).random(curve.shape) - 0.5
    bytes_ = np.clip(curve * 255 + dither * 1.2 + 0.5, 0, 255).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(bytes_.transpose(1, 2, 0)), "RGB")


def _key(linear: Array) -> float:
    brightness = np.minimum(linear.mean(axis=0), 4)
    return float(np.exp(np.log(brightness + 1e-3).mean())) * 2.6


def _bloom(light: Array) -> Array:
    bright = np.minimum(np.maximum(light - 1.2, 0), 6)
    rows, columns = bright.shape[1] // 4 * 4, bright.shape[2] // 4 * 4
    small = bright[:, :rows, :columns].reshape(3, rows // 4, 4, columns // 4, 4).mean(axis=(2, 4))
    wide = _blur(small, 4) + _blur(_blur(small, 10), 10) * np.float32(0.6)
    grown = np.repeat(np.repeat(wide, 4, axis=1), 4, axis=2)
    soft = _blur(grown, 2)
    return np.pad(
        soft, [(0, 0), (0, bright.shape[1] - rows), (0, bright.shape[2] - columns)], mode="edge"
    )


def _vignette(rows: int, columns: int) -> Array:
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j].astype(np.float32)
    return 1 - np.float32(0.07) * (x * x + y * y)


def _filmic(light: Array) -> Array:
    """Returns a soft shoulder that keeps colour in bright places, then the sRGB curve."""
    peak = np.maximum(light.max(axis=0), 1e-6)
    toned = _shoulder(light) * np.float32(0.55) + light / peak * _shoulder(peak) * np.float32(0.45)
    toned = np.clip(toned, 0, 1)
    return np.where(toned < 0.0031308, toned * 12.92, 1.055 * toned ** np.float32(1 / 2.4) - 0.055)


def _shoulder(light: Array) -> Array:
    x = light * np.float32(0.62)
    return (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14)
