"""Request bodies of webhooks."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from showreel.core.text import plain_name
from showreel.core.wire import Body, Wire
from showreel.webhooks.models import EVENT_TYPES, EventType


def _each_once(events: Sequence[EventType]) -> tuple[EventType, ...]:
    return tuple(one for one in EVENT_TYPES if one in events)


def _plain(text: str) -> str:
    return plain_name(text) if text else text


def _without_defaults(schema: dict[str, Any]) -> None:
    """Removes defaults from the schema: they mark fields that were left out, and aren't valid."""
    for field in schema["properties"].values():
        field.pop("default", None)


Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2048,
        description="https on port 443 of a public host",
        examples=["https://example.com/hooks"],
    ),
]
Events = Annotated[
    tuple[EventType, ...],
    Field(min_length=1, max_length=20, description="the events that are sent to it"),
    AfterValidator(_each_once),
]
Description = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_plain)
]


class NewWebhook(Wire):
    """Body of `POST /api/workspaces/{id}/webhooks`."""

    url: Url
    events: Events
    description: Description = ""


class WebhookChange(Body):
    """Body of `PATCH /api/workspaces/{id}/webhooks/{webhook_id}`: what it leaves out stays."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    url: Url = ""
    events: Events = ()
    description: Description = ""
    status: Literal["enabled", "disabled"] = "enabled"
