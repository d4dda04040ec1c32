"""Five ready structures for a film: which rooms, in which order."""

from dataclasses import dataclass

from showreel.films.projects.rooms import RoomType


@dataclass(frozen=True)
class Template:
    """A named sequence of rooms. A clip without a room gets the room at its position."""

    id: str
    name: str
    description: str
    rooms: tuple[RoomType, ...]


TEMPLATES: tuple[Template, ...] = (
    Template(
        "classic-tour",
        "Classic tour",
        "The whole home in the order a visitor walks it, from the front door to the terrace.",
        (
            RoomType.EXTERIOR,
            RoomType.HALLWAY,
            RoomType.LIVING_ROOM,
            RoomType.KITCHEN,
            RoomType.DINING_ROOM,
            RoomType.BEDROOM,
            RoomType.BATHROOM,
            RoomType.TERRACE,
        ),
    ),
    Template(
        "highlight-reel",
        "Highlight reel",
        "The four rooms that decide: outside, living, cooking, sleeping.",
        (RoomType.EXTERIOR, RoomType.LIVING_ROOM, RoomType.KITCHEN, RoomType.BEDROOM),
    ),
    Template(
        "room-tour",
        "Room tour",
        "Three views of a single room.",
        (RoomType.OTHER, RoomType.OTHER, RoomType.OTHER),
    ),
    Template(
        "exterior-special",
        "Exterior special",
        "The house from outside, its garden, and a last look back.",
        (RoomType.EXTERIOR, RoomType.GARDEN, RoomType.EXTERIOR),
    ),
    Template(
        "social-teaser",
        "Social teaser",
        "Ten seconds for a feed: inside first, then the facade.",
        (RoomType.LIVING_ROOM, RoomType.EXTERIOR),
    ),
)

TEMPLATES_BY_ID: dict[str, Template] = {template.id: template for template in TEMPLATES}


def room_at(template_id: str | None, position: int) -> RoomType:
    """Returns the room at `position`, from 0; `other` beyond the end or without a template."""
    template = TEMPLATES_BY_ID.get(template_id or "")
    if template is None or position >= len(template.rooms):
        return RoomType.OTHER
    return template.rooms[position]
