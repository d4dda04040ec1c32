"""Colours of simulated pictures, and the light that they are seen in."""

from collections.abc import Sequence
from dataclasses import dataclass

Colour = tuple[int, int, int]
Point = tuple[float, float]
Size = tuple[int, int]


@dataclass(frozen=True)
class Light:
    """The sky's colours above and at the horizon, the land's, and that of sun or moon."""

    above: Colour
    below: Colour
    land: Colour
    disc: Colour


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Returns a colour between two; share 1 is the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def shifted(colour: Colour, by: Sequence[int]) -> Colour:
    """Returns a colour with a little more or less of red, green and blue."""
    red, green, blue = (min(255, max(0, c + d)) for c, d in zip(colour, by, strict=True))
    return red, green, blue
