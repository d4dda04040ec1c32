"""The clock, in one place; every datetime is in UTC and timezone-aware."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Returns the current time in UTC."""
    return datetime.now(UTC)


def now_seconds() -> int:
    """Returns seconds since 1970, for expiry and due times."""
    return int(time.time())


def iso(moment: datetime) -> str:
    """Returns e.g. `2026-11-20T22:26:13.533Z`: sorts as text, parses in every client."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now_iso() -> str:
    """Returns the current time in the form of `iso`."""
    return iso(now())


def seconds_since(moment: str) -> int:
    """Returns the whole seconds since a moment in the form of `iso`."""
    return now_seconds() - seconds_at(moment)


def seconds_at(moment: str) -> int:
    """Returns a moment in the form of `iso` in whole seconds since 1970."""
    return int(datetime.fromisoformat(moment).timestamp())


def iso_at(seconds: float) -> str:
    """Returns a time in seconds since 1970 in the form of `iso`."""
    return iso(datetime.fromtimestamp(seconds, UTC))
