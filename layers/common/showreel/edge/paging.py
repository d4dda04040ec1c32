"""Pages of lists, and the cursors that lead from one to the next.

A cursor is opaque: it has a digest of its list and owner, so that no other list accepts it, and a
place. It isn't signed. Whose rows are read always comes from the request, so a forged one only
starts elsewhere in the caller's own list.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence

from showreel.core.dynamo import Item, Table
from showreel.core.errors import InvalidInput

MAX_CURSOR_LENGTH = 600
MAX_PART_BYTES = 255
PLACE = ("created_at", "pk", "sk")
"""The attributes that give a row's place in the index `by_list`."""
ROW = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]{8,15}Z [a-z_]+#[A-Za-z0-9_-]{1,128} [a-z_]+\Z")
"""The form of these three in every row; no other place is sent to DynamoDB."""
INDEX = re.compile(r"[0-9]{1,6}\Z")


def listed(
    table: Table, list_key: str, limit: int, cursor: str | None
) -> tuple[list[Item], str | None]:
    """Returns a page of a list in the index `by_list`, newest first, and the next page's cursor.

    Raises InvalidInput `invalid_cursor`.
    """
    place = decode_cursor(list_key, cursor, len(PLACE))
    if place and not ROW.match(" ".join(place)):
        raise _invalid()
    rows, rest = table.query(
        "list_key = :list_key",
        values={":list_key": list_key},
        index="by_list",
        limit=limit + 1,
        start=dict(zip(PLACE, place, strict=True)) | {"list_key": list_key} if place else None,
        backwards=True,
    )
    page = rows[:limit]
    is_more = bool(page) and (len(rows) > limit or rest is not None)
    return page, encode_cursor(list_key, [page[-1][name] for name in PLACE]) if is_more else None


def page_of_indexes(
    list_key: str, total: int, limit: int, cursor: str | None
) -> tuple[list[int], str | None]:
    """Returns the indexes of a page of `total` numbered items, and the next page's cursor.

    Raises InvalidInput `invalid_cursor`.
    """
    place = decode_cursor(list_key, cursor, 1)
    if place and not INDEX.match(place[0]):
        raise _invalid()
    first = int(place[0]) if place else 0
    indexes = [*range(first, min(total, first + limit))]
    is_more = bool(indexes) and first + limit < total
    return indexes, encode_cursor(list_key, [str(first + limit)]) if is_more else None


def encode_cursor(list_key: str, place: Sequence[str]) -> str:
    """Returns the cursor for what follows `place` in the list `list_key`."""
    text = json.dumps([_digest(list_key), *place], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(list_key: str, cursor: str | None, parts: int) -> list[str] | None:
    """Returns the place of a cursor, of `parts` parts. Raises InvalidInput `invalid_cursor`."""
    if cursor is None:
        return None
    try:
        padded = cursor[:MAX_CURSOR_LENGTH] + "=" * (-len(cursor) % 4)
        digest, *place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        is_ours = digest == _digest(list_key) and all(map(_is_part, place))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _invalid() from error
    if not is_ours or len(place) != parts:
        raise _invalid()
    return [*map(str, place)]


def _is_part(part: str) -> bool:
    return 1 <= len(part.encode()) <= MAX_PART_BYTES and part.isprintable()


def refuse_cursor(cursor: str | None) -> None:
    """Raises InvalidInput `invalid_cursor` for any cursor, for lists of a single page."""
    if cursor is not None:
        raise _invalid()


def _invalid() -> InvalidInput:
    return InvalidInput(
        "cursor is not one of this list's",
        code="invalid_cursor",
        details={"details": [{"field": "cursor", "message": "not one of this list's"}]},
    )


def _digest(list_key: str) -> str:
    return hashlib.blake2s(list_key.encode(), digest_size=6).hexdigest()
