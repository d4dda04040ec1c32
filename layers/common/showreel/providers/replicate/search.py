"""Finds the prediction that a create of ours made in Replicate's list.

The list has no id of ours, but model, input and time, and for some predictions the webhook, whose
URL has our attempt key. Without it two creates with the same prompt and picture within a minute
look alike; the first one after ours was sent is taken.
"""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from showreel.providers.base import Lookup
from showreel.providers.errors import other_shape
from showreel.providers.replicate.inputs import PREDICTIONS, input_of
from showreel.providers.values import matching, objects_in

Prediction = dict[str, Any]

PREDICTION_ID = re.compile(r"[a-z0-9]{1,64}")
CURSOR = re.compile(r"[\w+/=.:-]{1,500}", re.ASCII)
EARLY_SECONDS = 60
"""How far the vendor's clock may be behind ours."""
LATE_SECONDS = 120
"""How far the vendor's clock may be ahead, with the time that a create may wait there."""


def prediction_id(data: Prediction | None) -> str | None:
    """Returns the id, if it may be put into a path, else None."""
    return matching(data.get("id"), PREDICTION_ID) if data else None


def read_page(body: Prediction | None) -> tuple[list[Prediction], str | None]:
    """Returns the valid predictions of a page, and the next page's path, built from its cursor.

    Raises ProviderUpstream for anything but a page.
    """
    results = body.get("results") if body else None
    if body is None or not isinstance(results, list):
        raise other_shape()
    known = [data for data in objects_in(results) if _is_readable(data)]
    cursor = _cursor(body.get("next"))
    return known, f"{PREDICTIONS}?cursor={quote(cursor, safe='')}" if cursor else None


def fits(data: Prediction, lookup: Lookup) -> bool:
    """Returns whether this may be the prediction of that create."""
    model = lookup.upstream.partition(":")[0]
    given = data.get("input")
    if data.get("model") != model or not isinstance(given, dict) or not _is_readable(data):
        return False
    if not -EARLY_SECONDS <= _seconds_after(data, lookup) <= LATE_SECONDS:
        return False
    hook = data.get("webhook")
    if hook and lookup.external_id not in str(hook):
        return False
    picture = _path(given.get(input_of(model).image))
    return given.get("prompt") == lookup.prompt and picture == lookup.image_path


def is_too_old(data: Prediction, lookup: Lookup) -> bool:
    """Returns whether it, and so all after it in the list, is older than the create."""
    return _seconds_after(data, lookup) < -EARLY_SECONDS


def strangeness(data: Prediction, lookup: Lookup) -> tuple[bool, float]:
    """Returns a sort key: first the soonest after the create, then the last before it."""
    seconds = _seconds_after(data, lookup)
    return seconds < 0, abs(seconds)


def _seconds_after(data: Prediction, lookup: Lookup) -> float:
    """Returns the seconds from the create, by our clock, to the prediction, by the vendor's."""
    return (_created_seconds(data) or 0.0) - lookup.sent_at_seconds


def _is_readable(data: Prediction) -> bool:
    return prediction_id(data) is not None and _created_seconds(data) is not None


def _created_seconds(data: Prediction) -> float | None:
    try:
        moment = datetime.fromisoformat(str(data.get("created_at"))[:40])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _cursor(url: object) -> str | None:
    try:
        found = parse_qs(urlsplit(url).query) if isinstance(url, str) else {}
    except ValueError:
        return None
    cursor = found.get("cursor", [""])[0]
    return cursor if CURSOR.fullmatch(cursor) else None


def _path(url: object) -> str | None:
    try:
        return urlsplit(url).path if isinstance(url, str) else None
    except ValueError:
        return None
