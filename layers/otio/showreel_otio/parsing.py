"""Parses untrusted files to OpenTimelineIO's objects.

The library's parser is C++ and follows references between objects, so its input is checked first:
known schemas only, no references, bounded.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import opentimelineio as otio
from opentimelineio.exceptions import OTIOError

from showreel.core.errors import InvalidInput
from showreel_otio.faults import Faults, looking_for_faults

SCHEMA, ROOTS = "OTIO_SCHEMA", ("Timeline", "SerializableCollection")
VALUES = dict.fromkeys(("RationalTime", "TimeRange", "TimeTransform", "V2d", "Box2d"), 1)
"""Schemas that the library reads although it doesn't list them."""
MAX_CHARACTERS = 4_000_000
MAX_OBJECTS = 40_000
NOT_OTIO = "This is not an OpenTimelineIO timeline"


def timeline_of(document: Mapping[str, Any]) -> Any:
    """Returns the timeline of a file, which may be the only one in a collection. Raises
    InvalidInput `otio_unreadable`, `otio_schema` or `otio_too_large`.
    """
    text = json.dumps(document)
    if len(text) > MAX_CHARACTERS:
        message = f"A file has at most {MAX_CHARACTERS // 1_000_000} MB"
        raise InvalidInput(message, code="otio_too_large", field="body")
    if _schema(document)[0] not in ROOTS:
        raise InvalidInput(NOT_OTIO, code="otio_unreadable", field=SCHEMA)
    with looking_for_faults() as faults:
        _check_schemas(document, faults)
    try:
        root = otio.core.deserialize_json_from_string(text)
    except (OTIOError, ValueError, KeyError, TypeError, IndexError) as error:
        message = "The file is not valid OpenTimelineIO"
        raise InvalidInput(message, code="otio_unreadable", field="body") from error
    found = list(root) if isinstance(root, otio.schema.SerializableCollection) else [root]
    if len(found) != 1 or not isinstance(found[0], otio.schema.Timeline) or not found[0].tracks:
        message = "A file has exactly one timeline"
        raise InvalidInput(message, code="otio_unreadable", field="body")
    return found[0]


def _check_schemas(document: Mapping[str, Any], faults: Faults) -> None:
    """Adds a fault for each object of an unknown schema, and each reference to another object.
    Schemas in metadata aren't checked, as nobody reads them.
    """
    known = VALUES | otio.core.type_version_map()
    for number, (place, one) in enumerate(_objects(document, "")):
        if number >= MAX_OBJECTS:
            faults.add("otio_too_large", "body", f"A file has at most {MAX_OBJECTS} objects")
            return
        name, version = _schema(one)
        in_metadata = ".metadata." in f".{place}."
        if name == "SerializableObjectRef" or "OTIO_REF_ID" in one:
            faults.add("otio_schema", place, "References between objects are not taken")
        elif version is None or (not in_metadata and version > known.get(name, 0)):
            faults.add("otio_schema", place, f"{one.get(SCHEMA)!s:.80} is not a known schema")


def _objects(value: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yields the objects in a value with their places; the edge has limited the depth."""
    if isinstance(value, dict):
        if SCHEMA in value or "OTIO_REF_ID" in value:
            yield place or "body", value
        for name, inner in value.items():
            yield from _objects(inner, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _objects(inner, f"{place}.{number}")


def _schema(value: Mapping[str, Any]) -> tuple[str, int | None]:
    """Returns name and version of an object's schema; None as the version of an invalid one."""
    name, point, version = str(value.get(SCHEMA, "")).rpartition(".")
    return name, int(version) if point and version.isascii() and version.isdigit() else None
