"""Maps public URLs to object keys and back.

`{base}/storage/v1/object/public/{bucket}/{file}` is the object `{bucket}/{file}`. Buckets are
logical names over one S3 bucket; anything else in it, such as `work/…`, has no public URL.
"""

import re
from urllib.parse import SplitResult, urlsplit

from showreel.core.ids import new_file_id

PUBLIC_PATH = "/storage/v1/object/public/"
BUCKETS = frozenset(
    {
        "audio",
        "final-exports",
        "final-videos",
        "generation-videos",
        "project-assets",
        "uploads",
    }
)
FILE = re.compile(r"[A-Za-z0-9_-]{16,80}\.[a-z0-9]{2,5}\Z")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x20\x7f]")
"""Characters that Python's URL parser would drop silently."""
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/wav": "wav",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
"""The content types that we store, with their files' extensions."""


def new_key(bucket: str, content_type: str) -> str:
    """Returns a random key, e.g. `uploads/Xk3…9a.jpg`."""
    return f"{bucket}/{new_file_id()}.{EXTENSIONS[content_type]}"


def public_key(bucket: str, file: str) -> str | None:
    """Returns the key of a public object, None if the names can't be one."""
    return f"{bucket}/{file}" if bucket in BUCKETS and FILE.match(file) else None


def public_url(base_url: str, key: str) -> str:
    """Returns the permanent URL of `key`."""
    return f"{base_url.rstrip('/')}{PUBLIC_PATH}{key}"


def is_own_url(url: str, base_url: str) -> bool:
    """Returns whether `url` is a storage URL under `base_url`, however its host is spelt."""
    return _own_path(url, base_url) is not None


def key_of(url: str, base_url: str) -> str | None:
    """Returns the key behind one of our own storage URLs, None for any other."""
    bucket, slash, file = (_own_path(url, base_url) or "").partition("/")
    return public_key(bucket, file) if slash else None


def _own_path(url: str, base_url: str) -> str | None:
    """Returns the part after the public path, without query and fragment; None if not ours."""
    if CONTROL_CHARACTERS.search(url):
        return None
    try:
        given, base = urlsplit(url), urlsplit(base_url)
        same = "@" not in given.netloc and _origin(given) == _origin(base)
    except ValueError:
        return None
    prefix = base.path.rstrip("/") + PUBLIC_PATH
    own = same and given.path.startswith(prefix)
    return given.path.removeprefix(prefix) if own else None


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or {"https": 443, "http": 80}.get(url.scheme)
