"""The requests that a workspace's webhooks are sent: OpenAPI 3.1's `webhooks`."""

from collections.abc import Iterator
from typing import Any, Literal

from showreel.core.models import FrozenModel
from showreel.cuts.view import CutRunView
from showreel.generation.views import JobView
from showreel.webhooks.client import TOTAL_SECONDS
from showreel.webhooks.models import EVENT_TYPES, TEST
from showreel.webhooks.service import TestData
from tools.openapi.runs import AnyRun

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
TEXTS = {
    "run.completed": "A run has ended with its result",
    "run.failed": "A run has ended without its result, also because it was canceled",
    "job.completed": "A job has ended with its result",
    "job.failed": "A job has ended without its result, also because it was canceled",
    "export.completed": "A cut's film is there",
    TEST: "A test call was asked for",
}
HEADERS = {
    "webhook-id": "The event's id: the same for each attempt, so that it can be known again",
    "webhook-timestamp": "When this attempt was made, in seconds since 1970",
    "webhook-signature": (
        "`v1,` and the Base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`; "
        "several with spaces between them while a replaced secret still signs"
    ),
}


class RunEvent(FrozenModel):
    """The end of a run: `data` is what `GET /api/runs/{run_id}` answers."""

    type: Literal["run.completed", "run.failed"]
    timestamp: str
    data: AnyRun


class JobEvent(FrozenModel):
    """The end of a job: `data` is as the lists of jobs give it."""

    type: Literal["job.completed", "job.failed"]
    timestamp: str
    data: JobView


class ExportEvent(FrozenModel):
    """The end of an export: `data` is what `GET /api/runs/{run_id}` answers."""

    type: Literal["export.completed"]
    timestamp: str
    data: CutRunView


class TestEvent(FrozenModel):
    """A test call."""

    type: Literal["webhook.test"]
    timestamp: str
    data: TestData


BODIES: dict[str, type[FrozenModel]] = {
    "run.completed": RunEvent,
    "run.failed": RunEvent,
    "job.completed": JobEvent,
    "job.failed": JobEvent,
    "export.completed": ExportEvent,
    TEST: TestEvent,
}


def kinds() -> Iterator[tuple[str, type[FrozenModel]]]:
    """Yields each type of event with the type of its body."""
    for name in (*EVENT_TYPES, TEST):
        yield name, BODIES[name]


def webhooks(schemas: dict[str, Schema]) -> dict[str, Schema]:
    """Returns the part of the document, of the bodies' schemas by type of event."""
    return {name: {"post": _request(name, schemas[name])} for name, _ in kinds()}


def _request(name: str, schema: Schema) -> Schema:
    parameters = [
        {"name": header, "in": "header", "required": True, "description": text, "schema": TEXT}
        for header, text in HEADERS.items()
    ]
    return {
        "tags": ["Webhooks"],
        "operationId": f"event_{name.replace('.', '_')}",
        "summary": TEXTS[name],
        "description": (
            "In the form of https://www.standardwebhooks.com. Any 2xx answer within "
            f"{TOTAL_SECONDS:.0f} seconds is enough. Others are tried again for a day, but 410 "
            "disables the webhook; a test call is tried once."
        ),
        "security": [],
        "parameters": parameters,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "2XX": {"description": "It is taken"},
            "410": {"description": "Nothing more is wanted here: the webhook is disabled"},
            "default": {"description": "It is tried again"},
        },
    }
