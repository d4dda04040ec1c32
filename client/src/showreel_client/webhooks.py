"""Models of a workspace's webhooks, and how they are read from answers."""

import dataclasses
from typing import Literal, TypedDict

from showreel_client.storyboards import reader

Event = Literal["run.completed", "run.failed", "job.completed", "job.failed", "export.completed"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Webhook:
    """A URL that is notified when runs and jobs end. `secret` is set only right after creation."""

    id: str
    url: str = ""
    events: tuple[str, ...] = ()
    description: str | None = None
    status: str = ""
    disabled_reason: str | None = None
    disabled_at: str | None = None
    failing_since: str | None = None
    created_at: str = ""
    updated_at: str = ""
    secret: str | None = dataclasses.field(default=None, repr=False)


@dataclasses.dataclass(frozen=True, kw_only=True)
class WebhookSecret:
    """A new secret, and until when the one before signs as well."""

    secret: str = dataclasses.field(repr=False)
    previous_secret_expires_at: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class WebhookDelivery:
    """What became of one event. `id` is the `webhook-id` that the receiver sees."""

    id: str
    type: str = ""
    status: str = ""
    attempts: int | None = None
    response_status: int | None = None
    error: str | None = None
    created_at: str = ""
    last_attempt_at: str | None = None
    next_attempt_at: str | None = None
    finished_at: str | None = None


class WebhookFields(TypedDict, total=False):
    """Fields of a webhook that can be changed."""

    url: str
    events: list[Event]
    description: str
    status: Literal["enabled", "disabled"]


webhook = reader(Webhook, camel=True)
delivery = reader(WebhookDelivery, camel=True)
