"""The schema of a stream of Server-Sent Events: that of each event, as OpenAPI 3.1 has it.

`contentMediaType` and `contentSchema` are JSON Schema's words for what a text holds.
"""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
UNNAMED = "message"
"""What browsers call an event without a name."""
DONE = "[DONE]"
"""The last data of a stream in OpenAI's form, which is no JSON."""


def schema(events: Mapping[str, Schema]) -> Schema:
    """Returns the schema of the events of a stream, from that of each one's data by its name."""
    text = "One event; lines that begin with a colon only keep the stream open"
    kinds = [_event(name, data) for name, data in events.items()]
    return {"description": text, **(kinds[0] if len(kinds) == 1 else {"anyOf": kinds})}


def _event(name: str, data: Schema) -> Schema:
    if name == DONE:
        return {
            "type": "object",
            "title": "end",
            "properties": {"data": {"const": DONE}},
            "required": ["data"],
        }
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
