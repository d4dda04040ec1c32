"""Land and water of simulated pictures: ranges one behind the other, each nearer one darker."""

import math
import random
import re
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw

from local.simulators.vendors.fal.palette import Colour, Light, Point, Size, mixed

_WATER = re.compile(
    r"\bsea\b|harbou?r|ferry|boat|lighthouse|ship|ocean|coast|river|lake|wave|beach"
)
_TOWN = re.compile(r"city|street|roof|town|tower|station|market|alley|neon|robot|office")
_TREES = re.compile(r"forest|wood|\btree|garden|park|fox|deer|jungle")
_RANGES = 3


def draw_land(
    picture: Image.Image, light: Light, words: str, dice: random.Random, horizon: float
) -> None:
    """Draws the ranges of a place, one behind the other."""
    draw, (width, height) = ImageDraw.Draw(picture), picture.size
    water = _WATER.search(words) is not None
    for number in range(_RANGES):
        near = (number + 1) / _RANGES
        colour = mixed(light.below, light.land, 0.35 + 0.6 * near)
        base = horizon + (height - horizon) * 0.34 * number
        if water and number == 1:
            _sea(draw, light, dice, picture.size, horizon)
            base = height * dice.uniform(0.86, 0.94)
        rough = height * (0.13 if number == 0 else 0.07)
        line = _ridge(dice, width, base, rough)
        draw.polygon([*line, (width, height), (0, height)], fill=colour)
        if _TOWN.search(words) and number:
            _houses(draw, light, dice, line, height * 0.16 * near, colour)
        elif _TREES.search(words) or dice.random() < 0.3:
            _trees(draw, dice, line, height * 0.09 * near, colour)
        if water and number == 0 and re.search(r"lighthouse|tower", words):
            _lighthouse(picture, dice.choice(line[8:-8]), height * 0.3)


def _ridge(dice: random.Random, width: int, base: float, rough: float) -> list[Point]:
    """Returns a line from the left to the right edge that goes up and down."""
    waves = [(dice.uniform(0.6, 5), dice.uniform(0, 2 * math.pi), dice.random()) for _ in range(5)]
    places = [place / 48 for place in range(49)]
    return [(x * width, base - rough * _height(waves, x)) for x in places]


def _height(waves: Sequence[tuple[float, float, float]], x: float) -> float:
    whole = sum(weight for _, _, weight in waves) or 1.0
    return sum(part * math.sin(many * 2 * x + phase) for many, phase, part in waves) / whole


def _sea(
    draw: ImageDraw.ImageDraw, light: Light, dice: random.Random, size: Size, horizon: float
) -> None:
    width, height = size
    for band in range(24):
        top = horizon + (height - horizon) * band / 24
        colour = mixed(mixed(light.below, light.above, 0.35), light.land, 0.75 * band / 24)
        draw.rectangle((0, top, width, height), fill=colour)
    for _ in range(90):
        y = horizon + (height - horizon) * dice.random() ** 1.5
        long = width * dice.uniform(0.01, 0.05) * (0.3 + (y - horizon) / (height - horizon + 1))
        x = dice.uniform(0, width)
        colour = mixed(light.below, light.disc, dice.uniform(0.1, 0.7))
        draw.line((x, y, x + long, y), fill=colour, width=max(1, height // 400))
    _boat(draw, light, (width * dice.uniform(0.15, 0.8), horizon + (height - horizon) * 0.22), size)


def _boat(draw: ImageDraw.ImageDraw, light: Light, at: Point, size: Size) -> None:
    (x, y), side = at, size[1] * 0.07
    draw.polygon(
        [
            (x - side, y),
            (x + side, y),
            (x + 0.7 * side, y + 0.4 * side),
            (x - 0.7 * side, y + 0.4 * side),
        ],
        fill=light.land,
    )
    draw.polygon(
        [(x, y - 1.5 * side), (x, y - 0.1 * side), (x + 0.8 * side, y - 0.1 * side)],
        fill=light.disc,
    )


def _lighthouse(picture: Image.Image, foot: Point, high: float) -> None:
    """Draws a lighthouse, and its beam, which fades away from it."""
    (x, y), half = foot, high * 0.09
    top, far = y - high, 1 if x < picture.width / 2 else -1
    beam = Image.new("L", picture.size)
    reach = [(x + far * high * 3, top - high * 0.3), (x + far * high * 3, top + high * 0.25)]
    ImageDraw.Draw(beam).polygon([(x, top - half * 0.6), *reach], fill=170)
    fading = Image.linear_gradient("L").rotate(-90 * far).resize((round(high * 3), picture.height))
    left = round(x if far > 0 else x - high * 3)
    fade = Image.new("L", picture.size)
    fade.paste(fading, (left, 0))
    picture.paste((255, 244, 190), mask=ImageChops.multiply(beam, fade))
    draw = ImageDraw.Draw(picture)
    draw.polygon(
        [
            (x - half, y + high * 0.2),
            (x - half * 0.6, top),
            (x + half * 0.6, top),
            (x + half, y + high * 0.2),
        ],
        fill=(232, 226, 216),
    )
    for stripe in (0.25, 0.6):
        band = top + high * stripe
        draw.rectangle(
            (x - half * 0.85, band, x + half * 0.85, band + high * 0.14), fill=(168, 52, 46)
        )
    draw.rectangle((x - half * 0.7, top - half * 1.2, x + half * 0.7, top), fill=(255, 240, 176))


def _houses(
    draw: ImageDraw.ImageDraw,
    light: Light,
    dice: random.Random,
    line: list[Point],
    high: float,
    colour: Colour,
) -> None:
    step = line[1][0] - line[0][0]
    for x, y in line:
        top = y - high * dice.uniform(0.3, 1.6)
        draw.rectangle((x, top, x + step * dice.uniform(0.7, 1.1), y + high), fill=colour)
        for _ in range(3):
            left, window = x + step * dice.uniform(0.1, 0.6), dice.uniform(top, y)
            draw.rectangle(
                (left, window, left + step * 0.12, window + step * 0.18), fill=light.disc
            )


def _trees(
    draw: ImageDraw.ImageDraw, dice: random.Random, line: list[Point], high: float, colour: Colour
) -> None:
    for x, y in line:
        for _ in range(2):
            left, tall = x + dice.uniform(-1, 1) * high * 0.5, high * dice.uniform(0.6, 1.4)
            draw.polygon(
                [(left - tall * 0.25, y + 4), (left, y - tall), (left + tall * 0.25, y + 4)],
                fill=colour,
            )


def draw_fields(picture: Image.Image, light: Light, dice: random.Random) -> None:
    """Draws land from above: fields, a river, a road."""
    draw, (width, height) = ImageDraw.Draw(picture), picture.size
    draw.rectangle((0, 0, width, height), fill=mixed(light.below, light.land, 0.6))
    slant, rows = dice.uniform(-0.25, 0.25) * width, 6
    for row in range(rows + 1):
        x = -0.4 * width
        while x < 1.3 * width:
            wide, top, bottom = (
                width * dice.uniform(0.1, 0.26),
                height * row / rows,
                height * (row + 1) / rows,
            )
            tint = mixed(
                light.land,
                dice.choice((light.below, (110, 130, 70), (168, 146, 88))),
                dice.uniform(0.2, 0.75),
            )
            a, b = slant * row / rows, slant * (row + 1) / rows
            draw.polygon(
                [(x + a, top), (x + wide + a, top), (x + wide + b, bottom), (x + b, bottom)],
                fill=tint,
            )
            x += wide
    river = _ridge(dice, width, height * dice.uniform(0.35, 0.65), height * 0.4)
    draw.line(
        river, fill=mixed(light.above, light.below, 0.7), width=max(2, height // 16), joint="curve"
    )
    road = [(x, height - y) for x, y in _ridge(dice, width, height * 0.5, height * 0.25)]
    draw.line(
        road,
        fill=mixed(light.land, (230, 220, 200), 0.6),
        width=max(1, height // 90),
        joint="curve",
    )
