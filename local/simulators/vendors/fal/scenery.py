"""What simulated pictures show: a place, a light, a weather and a framing, as the prompt's words
have them; the rest is up to the dice.

Everything is drawn with shapes: a sky with its sun or moon, three ranges of land or water one
behind the other, each nearer one darker, and in front what the framing asks for.
"""

import random
import re

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from local.simulators.vendors.fal.land import draw_fields, draw_land
from local.simulators.vendors.fal.palette import Colour, Light, Size, mixed, shifted
from local.simulators.vendors.fal.subjects import IN_FRONT, small_figure

_LIGHTS = {
    r"moon|night|\bstars?\b": Light((10, 14, 40), (44, 62, 104), (10, 16, 34), (236, 238, 220)),
    r"first light|dawn|morning|sunrise": Light(
        (92, 128, 178), (250, 196, 160), (52, 58, 84), (255, 236, 196)
    ),
    r"golden|sunset|low sun|evening": Light(
        (116, 72, 104), (252, 158, 78), (58, 34, 48), (255, 226, 150)
    ),
    r"dusk|blue|twilight": Light((28, 40, 92), (148, 116, 158), (22, 26, 56), (240, 210, 214)),
    r"overcast|noon|\bday|bright": Light(
        (108, 142, 172), (214, 224, 226), (62, 82, 78), (250, 250, 240)
    ),
}
_STORM, _RAIN, _SNOW = re.compile(r"storm|heavy cloud"), re.compile(r"\brain"), re.compile(r"snow")
_MIST = re.compile(r"mist|fog|haze")
_FRAMING = re.compile(r"Framing: (.+)")
_HORIZONS = {
    "wide shot": (0.55, 0.68),
    "medium shot": (0.5, 0.6),
    "point-of-view shot": (0.6, 0.62),
}


def drawn(prompt: str, dice: random.Random, size: Size) -> Image.Image:
    """Returns a picture of what the prompt speaks of."""
    words = prompt.lower()
    light = _light(words, dice)
    picture = _sky(light, dice, size)
    framing = _FRAMING.search(prompt)
    named = framing[1].lower() if framing else ""
    horizon = size[1] * dice.uniform(*_HORIZONS.get(named, (0.5, 0.62)))
    if named == "aerial shot":
        draw_fields(picture, light, dice)
    else:
        draw_land(picture, light, words, dice, horizon)
    if named not in {"wide shot", "aerial shot", ""}:
        picture = picture.filter(ImageFilter.BoxBlur(max(size) / 110))
    draw = ImageDraw.Draw(picture)
    IN_FRONT.get(named, small_figure)(draw, light, dice, size)
    picture = picture.filter(ImageFilter.BoxBlur(max(size) / 900))
    return _weathered(picture, words, light, dice)


def _light(words: str, dice: random.Random) -> Light:
    found = [light for pattern, light in _LIGHTS.items() if re.search(pattern, words)]
    chosen = found[0] if found else dice.choice([*_LIGHTS.values()])
    shift = [dice.randint(-14, 14) for _ in range(3)]
    above, below, land = (shifted(c, shift) for c in (chosen.above, chosen.below, chosen.land))
    return Light(above, below, land, chosen.disc)


def _sky(light: Light, dice: random.Random, size: Size) -> Image.Image:
    column = Image.new("RGB", (1, 64))
    for row in range(64):
        column.putpixel((0, row), _sky_at(light, row / 64))
    picture = column.resize(size, Image.Resampling.BICUBIC)
    side = min(size) * dice.uniform(0.05, 0.11)
    x, y = size[0] * dice.uniform(0.15, 0.85), size[1] * dice.uniform(0.14, 0.44)
    glow = ImageOps.invert(Image.radial_gradient("L")).point(lambda value: max(0, value - 80) * 0.6)
    around = max(2, round(side * 3.4))
    place = (round(x) - around, round(y) - around)
    picture.paste(
        light.disc,
        (*place, place[0] + 2 * around, place[1] + 2 * around),
        glow.resize((2 * around, 2 * around)),
    )
    draw = ImageDraw.Draw(picture)
    draw.ellipse((x - side, y - side, x + side, y + side), fill=light.disc)
    for _ in range(dice.randint(2, 5)):
        _cloud(draw, light, dice, size)
    return picture


def _cloud(draw: ImageDraw.ImageDraw, light: Light, dice: random.Random, size: Size) -> None:
    x, y = dice.uniform(-0.1, 1.0) * size[0], dice.uniform(0.06, 0.4) * size[1]
    colour = mixed(_sky_at(light, y / size[1]), (255, 255, 255), 0.16)
    for _ in range(5):
        wide, high = size[0] * dice.uniform(0.06, 0.2), size[1] * dice.uniform(0.012, 0.035)
        draw.ellipse((x - wide, y - high, x + wide, y + high), fill=colour)
        x, y = x + wide * dice.uniform(0.2, 0.8), y + high * dice.uniform(-0.8, 0.8)


def _weathered(picture: Image.Image, words: str, light: Light, dice: random.Random) -> Image.Image:
    size = picture.size
    """Returns the picture behind mist, clouds, rain and snow."""
    if _MIST.search(words):
        picture = Image.blend(picture, Image.new("RGB", size, light.below), 0.35)
    if _STORM.search(words):
        picture = Image.blend(picture, Image.new("RGB", size, light.land), 0.3)
    draw = ImageDraw.Draw(picture)
    if _RAIN.search(words) or _STORM.search(words):
        pale, wide = mixed(light.below, (255, 255, 255), 0.35), max(1, size[1] // 500)
        for _ in range(160):
            x, y = dice.uniform(0, size[0]), dice.uniform(0, size[1])
            long = size[1] * dice.uniform(0.02, 0.06)
            draw.line((x, y, x - long * 0.3, y + long), fill=pale, width=wide)
    if _SNOW.search(words):
        for _ in range(180):
            x, y = dice.uniform(0, size[0]), dice.uniform(0, size[1])
            side = size[1] * dice.uniform(0.002, 0.007)
            draw.ellipse((x - side, y - side, x + side, y + side), fill=(250, 250, 255))
    return picture


def _sky_at(light: Light, share: float) -> Colour:
    return mixed(light.above, light.below, min(1.0, share * 64 / 38))
