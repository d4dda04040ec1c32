"""Woods, cloths and glazes that the rooms share, and a rug of them."""

from __future__ import annotations

from tools.rooms import pieces as p
from tools.rooms.house import OAK_DARK, OAK_LIGHT, matt
from tools.rooms.shapes import Material, Shape, Vector
from tools.rooms.textures import cloth, rug, wood

OAK = Material(OAK_LIGHT, wood(OAK_LIGHT, OAK_DARK), specular=0.035, roughness=0.18)
WALNUT = Material(
    (0.24, 0.14, 0.08), wood((0.3, 0.175, 0.1), (0.15, 0.08, 0.045)), specular=0.04, roughness=0.15
)
LINEN = matt((0.66, 0.62, 0.55), cloth((0.70, 0.655, 0.58)))
CREAM = matt((0.8, 0.77, 0.7), cloth((0.82, 0.79, 0.72), 0.1))
RUST = matt((0.5, 0.2, 0.1), cloth((0.55, 0.23, 0.11)))
TEAL = matt((0.08, 0.2, 0.22), cloth((0.09, 0.23, 0.25)))
OCHRE = matt((0.62, 0.42, 0.13), cloth((0.66, 0.45, 0.15)))
CLAY = Material((0.55, 0.3, 0.2), specular=0.03, roughness=0.4)
GLAZE = Material((0.78, 0.76, 0.72), specular=0.05, roughness=0.1)
STRAW = matt((0.62, 0.5, 0.3))
WARM: Vector = (1.0, 0.72, 0.42)
SHEER = Material((0.86, 0.85, 0.82))
PALETTE: tuple[Vector, Vector, Vector, Vector] = (
    (0.78, 0.72, 0.62),
    (0.62, 0.3, 0.16),
    (0.16, 0.26, 0.3),
    (0.86, 0.74, 0.5),
)


def carpet(
    at: Vector,
    width: float,
    depth: float,
    ground: Vector = (0.70, 0.66, 0.58),
    figure: Vector = (0.36, 0.2, 0.14),
) -> list[Shape]:
    """Returns a rug lying at a point."""
    piece = p.Piece(at)
    piece.soft(
        (0, 0.01, 0),
        (width, 0.024, depth),
        matt(ground, rug(ground, figure, width / 2, depth / 2)),
        0.01,
    )
    return piece.shapes
