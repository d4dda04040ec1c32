"""Keys of calls: a call repeated with its key makes and pays nothing new."""

import uuid

MAX_REQUEST_ID_CHARS = 255


def request_id_of(given: str | None) -> str:
    """Returns the caller's key, or a new one. Raises ValueError for one that can't be a header."""
    if given is None:
        return str(uuid.uuid4())
    if not (1 <= len(given) <= MAX_REQUEST_ID_CHARS and given.isascii() and given.isprintable()):
        raise ValueError(f"request_id is 1 to {MAX_REQUEST_ID_CHARS} printable ASCII characters")
    return given
