"""The schema of a stream of Server-Sent Events: an array of events, as OpenAPI 3.2 models them.

`contentMediaType` and `contentSchema` are JSON Schema's words for what a text holds.
"""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
EVENT_STREAM = "text/event-stream"
UNNAMED = "message"
"""What browsers call an event without a name."""


def schema(events: Mapping[str, Schema]) -> Schema:
    """Returns the schema of a stream of these events, by name."""
    kinds = [_event(name, data) for name, data in events.items()]
    return {
        "type": "string",
        "description": "Server-Sent Events; lines that begin with a colon keep the stream open",
        "contentMediaType": EVENT_STREAM,
        "contentSchema": {
            "type": "array",
            "items": kinds[0] if len(kinds) == 1 else {"anyOf": kinds},
        },
    }


def _event(name: str, data: Schema) -> Schema:
    held = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    if name == UNNAMED:
        return {"type": "object", "properties": {"data": held}, "required": ["data"]}
    numbers = {"id": {"type": "string"}, "retry": {"type": "integer"}}
    return {
        "type": "object",
        "title": name,
        "properties": {"event": {"const": name}, "data": held, **numbers},
        "required": ["event", "data"],
    }
