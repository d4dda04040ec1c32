"""Where a list goes on: opaque to clients, harmless if they make one up."""

import base64
import binascii
import json
import re

from showreel.core.errors import InvalidInput

MAX_CURSOR_LENGTH = 400
CREATED_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
ID = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")
Place = tuple[str, str]
"""When the last row was created, and its id. The workspace always comes from the request."""


def encode_cursor(place: Place | None) -> str | None:
    """The cursor for what follows `place`; None at the end."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> Place | None:
    """The place of a cursor. Raises InvalidInput `invalid_cursor`."""
    if cursor is None:
        return None
    try:
        padded = cursor[:MAX_CURSOR_LENGTH] + "=" * (-len(cursor) % 4)
        created_at, row_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        valid = CREATED_AT.match(created_at) and ID.match(row_id)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidInput("cursor is not one of ours", code="invalid_cursor") from error
    if not valid:
        raise InvalidInput("cursor is not one of ours", code="invalid_cursor")
    return created_at, row_id
