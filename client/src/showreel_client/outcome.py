"""The outcome of a route, before it becomes a GenerationResult."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from showreel_client import values
from showreel_client.models import MediaType

MEDIA_TYPES: tuple[MediaType, ...] = ("image", "video", "audio", "text")


@dataclass
class Outcome:
    """A route's outcome. What the server didn't send is None."""

    raw: Any = None
    urls: tuple[str, ...] = ()
    storage_url: str | None = None
    resolved_model: str | None = None
    fallback_used: bool = False
    fallback_reason: str | None = None
    media_type: MediaType | None = None
    credits: int | None = None
    duration_seconds: float | None = None
    width: int | None = None
    height: int | None = None

    def take(self, body: Mapping[str, Any]) -> None:
        """Takes the facts about the whole result from an answer or an event."""
        self.take_fallback(body)
        found = values.text(values.first(body, "resolved_model", "resolvedModel", "model"))
        self.resolved_model = found or self.resolved_model
        storage_url = values.url(values.first(body, "storage_url", "storageUrl"))
        self.storage_url = storage_url or self.storage_url
        stated = values.first(body, "media_type", "mediaType")
        self.media_type = next((kind for kind in MEDIA_TYPES if kind == stated), self.media_type)
        spent = values.whole(values.first(body, "credits", "credits_used", "creditsUsed"))
        self.credits = spent if spent is not None else self.credits
        length = values.first(body, "durationSeconds")
        length = values.number(_duration(body) if length is None else length)
        self.duration_seconds = length if length is not None else self.duration_seconds
        width, height = values.dimensions(body)
        self.width, self.height = width or self.width, height or self.height

    def take_fallback(self, body: Mapping[str, Any]) -> None:
        """Takes the server's fallback; once disclosed it stays."""
        used = values.first(body, "fallback_used", "fallbackUsed") is True
        reason = values.text(values.first(body, "fallback_reason", "fallbackReason", "reason"))
        if used:
            self.fallback_used = True
            self.fallback_reason = reason or self.fallback_reason

    def take_media(self, raw: Any) -> None:
        """Takes the files and their size from the model's own answer."""
        self.raw = raw
        self.urls = values.media_urls(raw)
        width, height = values.dimensions(raw)
        self.width, self.height = self.width or width, self.height or height
        if self.duration_seconds is None:
            self.duration_seconds = values.number(_duration(raw))


def _duration(raw: Any) -> Any:
    body = values.record(raw)
    holders = (*values.files(body), body.get("video"), body.get("audio"), body)
    found = (values.first(values.record(one), "duration_seconds", "duration") for one in holders)
    return next((value for value in found if value is not None), None)
