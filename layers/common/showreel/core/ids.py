"""Ids. Random ones for what is born here, derived ones for what a retry must meet again."""

import hashlib
import json
import secrets
import uuid
import zlib
from typing import Any

ID_PATTERN = r"^[\w.-]+$"
"""Of any id of ours. An example event's `${job_id}` that nobody filled in is none."""
NAMESPACE = uuid.UUID("6f0e6c1c-2f0f-5d4b-9a39-6a2f5f7c2d11")


def new_id(prefix: str = "") -> str:
    """Returns a random id, e.g. `vp_3f2a…`; without a prefix a UUID, as clients expect."""
    return f"{prefix}_{uuid.uuid4().hex}" if prefix else str(uuid.uuid4())


def derived_id(*parts: str) -> str:
    """Returns the UUID that the same parts always give: a retried step finds its own row."""
    return str(uuid.uuid5(NAMESPACE, "/".join(parts)))


def digest_of(value: Any) -> str:
    """Returns the same for values that are the same as JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def shard_of(name: str, shards: int) -> int:
    """Returns one of so many shards, always the same for a name: an index's hot partition split."""
    return zlib.crc32(name.encode()) % shards


def new_file_id() -> str:
    """192 random bits, URL-safe: nothing in the bucket can be guessed."""
    return secrets.token_urlsafe(24)
