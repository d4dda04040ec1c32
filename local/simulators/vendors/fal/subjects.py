"""What stands in front of a simulated picture, as its framing asks."""

import random
from collections.abc import Callable

from PIL import ImageDraw

from local.simulators.vendors.fal.palette import Light, Point, Size, mixed


def small_figure(draw: ImageDraw.ImageDraw, light: Light, dice: random.Random, size: Size) -> None:
    """Draws somebody far away."""
    _figure(draw, light, (size[0] * dice.uniform(0.25, 0.75), size[1] * 0.93), size[1] * 0.16)


def _half_figure(draw: ImageDraw.ImageDraw, light: Light, dice: random.Random, size: Size) -> None:
    _figure(draw, light, (size[0] * dice.choice((0.36, 0.62)), size[1] * 1.22), size[1] * 0.86)


def _face(draw: ImageDraw.ImageDraw, light: Light, dice: random.Random, size: Size) -> None:
    """Returns head and shoulders, lit from one side."""
    x, y, head = size[0] * dice.choice((0.38, 0.6)), size[1] * 0.42, size[1] * 0.25
    lit, side = mixed(light.land, light.disc, 0.55), dice.choice((-1, 1))
    draw.ellipse((x - 1.9 * head, y + head, x + 1.9 * head, y + 5 * head), fill=light.land)
    draw.ellipse((x - 0.8 * head, y - head, x + 0.8 * head, y + 1.2 * head), fill=lit)
    shade = x - side * 0.22 * head
    draw.ellipse(
        (shade - 0.68 * head, y - head, shade + 0.68 * head, y + 1.18 * head),
        fill=mixed(light.land, lit, 0.35),
    )
    draw.chord(
        (x - 0.9 * head, y - 1.2 * head, x + 0.9 * head, y + 0.5 * head), 180, 360, fill=light.land
    )


def _thing(draw: ImageDraw.ImageDraw, light: Light, dice: random.Random, size: Size) -> None:
    """Draws a lantern among lights that are out of focus."""
    for _ in range(16):
        x, y, side = (
            dice.uniform(0, size[0]),
            dice.uniform(0, size[1]),
            size[1] * dice.uniform(0.02, 0.07),
        )
        colour = mixed(light.land, light.disc, dice.uniform(0.2, 0.7))
        draw.ellipse((x - side, y - side, x + side, y + side), fill=colour)
    x, y, side = size[0] * dice.uniform(0.35, 0.65), size[1] * 0.5, size[1] * 0.2
    draw.arc(
        (x - 0.7 * side, y - 2 * side, x + 0.7 * side, y - 0.4 * side),
        180,
        360,
        light.land,
        max(2, size[1] // 60),
    )
    draw.rounded_rectangle(
        (x - 0.8 * side, y - 1.2 * side, x + 0.8 * side, y + 1.3 * side), side / 4, fill=light.land
    )
    draw.rounded_rectangle(
        (x - 0.6 * side, y - 0.8 * side, x + 0.6 * side, y + 0.9 * side),
        side / 5,
        fill=(255, 214, 128),
    )
    draw.ellipse(
        (x - 0.2 * side, y - 0.3 * side, x + 0.2 * side, y + 0.6 * side), fill=(255, 250, 226)
    )


def _shoulder(draw: ImageDraw.ImageDraw, light: Light, _dice: random.Random, size: Size) -> None:
    """Draws somebody from behind, and whom they look at."""
    _figure(draw, light, (size[0] * 0.68, size[1] * 0.98), size[1] * 0.5)
    x, head = size[0] * 0.2, size[1] * 0.24
    dark = mixed(light.land, (0, 0, 0), 0.5)
    draw.ellipse((x - 2 * head, size[1] * 0.62, x + 1.7 * head, size[1] * 1.6), fill=dark)
    draw.ellipse(
        (x - 0.8 * head, size[1] * 0.2, x + 0.8 * head, size[1] * 0.2 + 2.1 * head), fill=dark
    )


def _own_view(draw: ImageDraw.ImageDraw, light: Light, _dice: random.Random, size: Size) -> None:
    """Draws a path ahead, and the hands that hold on."""
    (width, height), dark = size, mixed(light.land, (0, 0, 0), 0.45)
    path = mixed(light.land, light.below, 0.6)
    draw.polygon(
        [
            (width * 0.47, height * 0.62),
            (width * 0.53, height * 0.62),
            (width * 0.8, height),
            (width * 0.2, height),
        ],
        fill=path,
    )
    for x in (0.16, 0.84):
        at, side = width * x, height * 0.13
        lean = (0.5 - x) * width * 0.2
        draw.line((at, height * 1.05, at + lean, height * 0.8), fill=dark, width=int(side * 0.9))
        draw.ellipse(
            (
                at + lean - side * 0.7,
                height * 0.72,
                at + lean + side * 0.7,
                height * 0.72 + side * 1.3,
            ),
            fill=dark,
        )


def _figure(draw: ImageDraw.ImageDraw, light: Light, foot: Point, tall: float) -> None:
    (x, y), dark = foot, mixed(light.land, (0, 0, 0), 0.4)
    coat = [(x - 0.08 * tall, y - 0.8 * tall), (x + 0.08 * tall, y - 0.8 * tall)]
    draw.polygon(
        [*coat, (x + 0.17 * tall, y - 0.2 * tall), (x - 0.17 * tall, y - 0.2 * tall)], fill=dark
    )
    draw.rectangle((x - 0.09 * tall, y - 0.2 * tall, x - 0.02 * tall, y), fill=dark)
    draw.rectangle((x + 0.02 * tall, y - 0.2 * tall, x + 0.09 * tall, y), fill=dark)
    draw.ellipse((x - 0.075 * tall, y - tall, x + 0.075 * tall, y - 0.8 * tall), fill=dark)


IN_FRONT: dict[str, Callable[[ImageDraw.ImageDraw, Light, random.Random, Size], None]] = {
    "medium shot": _half_figure,
    "close-up": _face,
    "detail shot": _thing,
    "over-the-shoulder shot": _shoulder,
    "point-of-view shot": _own_view,
    "aerial shot": lambda *_: None,
}
