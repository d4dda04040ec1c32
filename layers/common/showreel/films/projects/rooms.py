"""The 27 rooms of a tour, in tour order, each with a motion prompt that suits it.

A motion prompt names one move with direction and speed, what it looks at, texture and light, and
ends on steadiness: image-to-video models drift or invent doors when asked for more than one move.
"""

from enum import StrEnum


class RoomType(StrEnum):
    """What a still shows. The order of the members is the order of a tour."""

    EXTERIOR = "exterior"
    HALLWAY = "hallway"
    LIVING_ROOM = "living-room"
    KITCHEN = "kitchen"
    DINING_ROOM = "dining-room"
    TV_ROOM = "tv-room"
    BEDROOM = "bedroom"
    CHILDRENS_ROOM = "childrens-room"
    BATHROOM = "bathroom"
    TOILET = "toilet"
    WALK_IN_CLOSET = "walk-in-closet"
    LAUNDRY_ROOM = "laundry-room"
    OFFICE = "office"
    LIBRARY = "library"
    GYM = "gym"
    SAUNA = "sauna"
    POOL_AREA = "pool-area"
    HOBBY_ROOM = "hobby-room"
    PANTRY = "pantry"
    STORAGE_ROOM = "storage-room"
    UTILITY_ROOM = "utility-room"
    CONSERVATORY = "conservatory"
    GARAGE = "garage"
    TERRACE = "terrace"
    GARDEN = "garden"
    LANDSCAPE = "landscape"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The room's name as people read it."""
        return LABELS.get(self) or self.replace("-", " ").capitalize()


LABELS = {
    RoomType.TV_ROOM: "TV room",
    RoomType.CHILDRENS_ROOM: "Children's room",
    RoomType.WALK_IN_CLOSET: "Walk-in closet",
}
"""Labels that aren't the value with a capital letter and spaces."""

MOTION_PROMPTS: dict[RoomType, str] = {
    RoomType.EXTERIOR: (
        "Slow dolly-in towards the front door at walking pace, the facade growing evenly in the "
        "frame; crisp masonry and window reflections under soft daylight. Level horizon, steady "
        "as on rails."
    ),
    RoomType.HALLWAY: (
        "Slow push forward down the centre of the hallway at eye height, doorways passing on both"
        " sides; floor sheen and warm wall light lead the eye to the far end. Straight and "
        "steady."
    ),
    RoomType.LIVING_ROOM: (
        "Slow sweeping pan from left to right across the seating, from sofa to windows; woven "
        "fabric and wood grain catch soft window light. One even arc at constant speed, steady."
    ),
    RoomType.KITCHEN: (
        "Slow track to the right along the counter at worktop height, past stone, taps and "
        "cabinet fronts; clean highlights slide over the polished surfaces. Smooth slider move, "
        "steady."
    ),
    RoomType.DINING_ROOM: (
        "Slow pull back from the table setting until the whole dining table is in view; polished "
        "wood, glass and the glow of the pendant lamp stay in focus. Straight line, gentle and "
        "steady."
    ),
    RoomType.TV_ROOM: (
        "Slow pan from left to right across the screen wall and the deep seating; dim, moody "
        "ambient light on soft textiles, shadows kept rich. Very even speed, steady."
    ),
    RoomType.BEDROOM: (
        "Gentle track to the right past the foot of the bed at mattress height; crisp linen folds"
        " and soft morning light through the curtains. Calm slider move, slow and steady."
    ),
    RoomType.CHILDRENS_ROOM: (
        "Slow track to the right at a child's eye height past bed, shelves and toys; cheerful "
        "colours and matte textures in bright, diffuse daylight. Smooth, unhurried and steady."
    ),
    RoomType.BATHROOM: (
        "Slow push in towards the washbasin and mirror at chest height; glazed tile, chrome and "
        "clear glass with soft, even reflections. Short straight move, steady."
    ),
    RoomType.TOILET: (
        "Slow pan from left to right across the small room at standing height; clean ceramic, "
        "tile transitions and even overhead light. Short even turn on a fixed spot, steady."
    ),
    RoomType.WALK_IN_CLOSET: (
        "Slow track forward between the rails and shelves of the closet; hanging fabrics, folded "
        "stacks and warm strip lights pass on both sides. Centred, smooth and steady."
    ),
    RoomType.LAUNDRY_ROOM: (
        "Slow pan from left to right across machines, worktop and shelves; white enamel, folded "
        "towels and bright, neutral light. Constant speed on a fixed spot, steady."
    ),
    RoomType.OFFICE: (
        "Slow track to the right along the desk at seated eye height; wood grain, paper and the "
        "soft daylight that falls on the work surface. Smooth slider move, steady."
    ),
    RoomType.LIBRARY: (
        "Slow track to the right along the bookshelves at chest height, spines passing close by; "
        "leather, cloth and old wood under warm reading light. Even speed, parallel and steady."
    ),
    RoomType.GYM: (
        "Slow pan from left to right across the equipment and the mirror wall; brushed metal and "
        "rubber floor in bright, cool light. One even turn at constant speed, steady."
    ),
    RoomType.SAUNA: (
        "Slow track to the left along the benches at bench height; warm cedar grain and a low "
        "amber glow between the slats. Very calm slider move, steady."
    ),
    RoomType.POOL_AREA: (
        "Slow, wide sweep from left to right along the edge of the pool, low over the water; "
        "light ripples on tiles and loungers in clear sun. Cinematic arc at even speed, steady."
    ),
    RoomType.HOBBY_ROOM: (
        "Slow track to the right past workbench and shelves at table height; tools, materials and"
        " lived-in textures in warm task light. Smooth slider move, steady."
    ),
    RoomType.PANTRY: (
        "Slow pan from left to right across the filled shelves at eye height; glass jars, baskets"
        " and wood in soft, warm light. Short even turn, steady."
    ),
    RoomType.STORAGE_ROOM: (
        "Slow track forward through the storage room between the racks; tidy boxes and plain "
        "surfaces in clear overhead light. Straight and centred, steady."
    ),
    RoomType.UTILITY_ROOM: (
        "Slow pan from left to right across the installations and cabinets; brushed metal, pipes "
        "and painted wall in neutral light. Constant speed on a fixed spot, steady."
    ),
    RoomType.CONSERVATORY: (
        "Slow sweep from left to right past plants and glazing; leaf shadows, clear glass and "
        "strong sunlight that pours over the floor. One flowing arc at even speed, steady."
    ),
    RoomType.GARAGE: (
        "Slow track to the right along the side of the garage at bonnet height; smooth concrete, "
        "lacquer and the reflections of the ceiling lights. Low slider move, steady."
    ),
    RoomType.TERRACE: (
        "Slow pan from left to right from the seating to the view; warm decking and stone in long"
        " golden-hour light. Level horizon at constant speed, steady."
    ),
    RoomType.GARDEN: (
        "Slow sweep from left to right over lawn and planting at knee height; grass blades and "
        "leaves stir lightly in soft afternoon sun. Flowing arc at even speed, steady."
    ),
    RoomType.LANDSCAPE: (
        "Slow, wide sweep from left to right across the surroundings from a raised point; layered"
        " distance, sky and natural light with fine haze. Level horizon at even speed, steady."
    ),
    RoomType.OTHER: (
        "Slow lateral track to the right at eye height, the main subject kept in the middle of "
        "the frame; true textures and natural light. Smooth slider move, steady."
    ),
}

TOUR_ORDER: dict[RoomType, int] = {room: position for position, room in enumerate(RoomType)}
