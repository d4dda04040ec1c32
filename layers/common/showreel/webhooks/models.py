"""Endpoints, events, and the delivery of each event to an endpoint.

pk = workspace#<id>  sk = endpoint#<id>             an endpoint
                     sk = count                     the number of endpoints
pk = endpoint#<id>   sk = delivery#<time>#<event>   the delivery of one event
pk = event#<id>      sk = event                     the body, the same for every endpoint
"""

from typing import Any, Literal, get_args

from showreel.core.models import FrozenModel

EventType = Literal[
    "run.completed", "run.failed", "job.completed", "job.failed", "export.completed"
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)
JOB_EVENTS: frozenset[EventType] = frozenset({"job.completed", "job.failed"})
TEST = "webhook.test"
"""The event of a test call, for endpoints of any events; sent once."""
EndpointStatus = Literal["enabled", "disabled"]
DisabledReason = Literal["owner", "gone", "failing"]
"""Why an endpoint is disabled: an owner did it, it answered 410, or nothing succeeded for a day."""
DeliveryStatus = Literal["pending", "delivered", "failed", "dropped"]
"""`dropped`: not sent, because the endpoint was disabled or removed meanwhile."""

MAX_ENDPOINTS = 10
"""Per workspace: each event may cost as many deliveries."""
KEEP_SECONDS = 30 * 86_400
"""How long deliveries and bodies are kept."""
SECRET_SECONDS = 86_400
"""How long a replaced secret still signs."""
MAX_SECRETS = 4
"""Valid secrets of an endpoint at once, each of which adds a signature to requests."""


class Secret(FrozenModel):
    """The salt from which a secret is derived with the stack's key; not the secret itself."""

    salt: str
    valid_until: int | None = None
    """Seconds since 1970; None for the present one."""


class Endpoint(FrozenModel):
    """A URL that receives some of a workspace's events."""

    id: str
    workspace_id: str
    url: str
    events: tuple[EventType, ...]
    description: str = ""
    status: EndpointStatus = "enabled"
    disabled_reason: DisabledReason | None = None
    disabled_at: str | None = None
    secrets: tuple[Secret, ...]
    """The present one first."""
    failures: int = 0
    """Attempts in a row that failed."""
    failing_since: int | None = None
    """The time of the first of these failures, in seconds since 1970."""
    resume_at: int = 0
    """Until then nothing is sent (seconds since 1970): several attempts failed, or the receiver
    asked for a pause.
    """
    tested_at: int = 0
    request_digest: str
    """Hash of the request that made it, to refuse another one with the same key."""
    created_at: str
    updated_at: str

    def wants(self, kind: str) -> bool:
        """Returns whether it is enabled for events of this type."""
        return self.status == "enabled" and kind in self.events

    def is_paused(self, now_seconds: int) -> bool:
        """Returns whether it is enabled but nothing is sent for a while."""
        return self.status == "enabled" and self.resume_at > now_seconds

    @property
    def wants_order(self) -> bool:
        """Whether it gets events of both jobs and runs, which then have to be in order."""
        wanted = set(self.events)
        return self.status == "enabled" and bool(wanted & JOB_EVENTS and wanted - JOB_EVENTS)

    def secrets_at(self, now_seconds: int) -> tuple[Secret, ...]:
        """Returns the valid secrets."""
        return tuple(one for one in self.secrets if (one.valid_until or now_seconds) >= now_seconds)


class WebhookEvent(FrozenModel):
    """An event as every endpoint receives it. The same end has the same id."""

    id: str
    type: str
    subject: str
    """Events of one subject are delivered in order: a run with its jobs, or a job without a run."""
    at: str
    body: str


class Delivery(FrozenModel):
    """What became of an event at one endpoint."""

    endpoint_id: str
    id: str
    """The event's id, which the receiver sees as `webhook-id`."""
    type: str
    subject: str
    at: str
    status: DeliveryStatus = "pending"
    attempts: int = 0
    first_attempt_at: int | None = None
    """Seconds since 1970."""
    last_attempt_at: str | None = None
    next_attempt_at: str | None = None
    response_status: int | None = None
    """The HTTP status of the last attempt, if there was an answer."""
    error: str | None = None
    """The code of the last attempt's error."""
    finished_at: str | None = None

    @classmethod
    def of(cls, event: WebhookEvent, endpoint: Endpoint) -> "Delivery":
        """Returns the new delivery of an event to an endpoint."""
        about: dict[str, Any] = event.model_dump(exclude={"body"})
        return cls(endpoint_id=endpoint.id, **about)


class DeliveryMessage(FrozenModel):
    """What the queue holds of a delivery: where its rows are."""

    workspace_id: str
    endpoint_id: str
    event_id: str
    type: str
    at: str
