"""Ids: random ones for new things, derived ones that a retry computes again."""

import hashlib
import json
import secrets
import uuid
import zlib
from typing import Any

ID_PATTERN = r"^[\w.-]+$"
"""Matches any id of ours, but not a placeholder of an example event such as `${job_id}`."""
NAMESPACE = uuid.UUID("6f0e6c1c-2f0f-5d4b-9a39-6a2f5f7c2d11")


def new_id(prefix: str = "") -> str:
    """Returns a random id, e.g. `vp_3f2a…`; without a prefix a UUID, as clients expect."""
    return f"{prefix}_{uuid.uuid4().hex}" if prefix else str(uuid.uuid4())


def derived_id(*parts: str) -> str:
    """Returns a UUID that depends on the parts alone, so that a retried step finds its own row."""
    return str(uuid.uuid5(NAMESPACE, "/".join(parts)))


def digest_of(value: Any) -> str:
    """Returns the SHA-256 of the value as JSON with sorted keys, in hex."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def shard_of(name: str, shards: int) -> int:
    """Returns the name's shard, 0 to `shards` - 1; shards split a hot partition of an index."""
    return zlib.crc32(name.encode()) % shards


def new_file_id() -> str:
    """Returns 192 random bits, URL-safe, so that no key in the bucket can be guessed."""
    return secrets.token_urlsafe(24)
