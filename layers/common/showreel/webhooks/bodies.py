"""The body of a webhook, in the form of https://www.standardwebhooks.com."""

import json
from typing import Any

from pydantic import BaseModel

from showreel.webhooks.models import WebhookEvent


def event_of(event_id: str, kind: str, subject: str, at: str, data: BaseModel) -> WebhookEvent:
    """Returns an event with the body `{type, timestamp, data}`; `data` is as GET returns it."""
    shown: dict[str, Any] = data.model_dump(mode="json", by_alias=True)
    body = json.dumps(
        {"type": kind, "timestamp": at, "data": shown}, ensure_ascii=False, allow_nan=False
    )
    return WebhookEvent(id=event_id, type=kind, subject=subject, at=at, body=body)
