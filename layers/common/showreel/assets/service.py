"""Imports media from URLs, and serves them by URL.

In: a URL of our own storage is read from the bucket after a tenancy check, any other is fetched
safely. Either way the caller gets a new, verified object of its own, and deletes it when it isn't
needed. A row is written before its object and removed after it, so every object has one. Out:
permanent public URLs that lead to short-lived signed ones.
"""

import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from showreel.assets import keys
from showreel.assets.audio import MAGIC_BYTES, audio_type, video_type
from showreel.assets.headers import image_type, is_whole
from showreel.assets.models import (
    CANONICAL,
    MAX_IMAGE_BYTES,
    CreatedUpload,
    CreateUpload,
    StoredImage,
    StoredMedia,
    UploadTarget,
)
from showreel.assets.storage import SIGNED_PUT_SECONDS, ObjectFacts, Storage
from showreel.assets.store import NOBODY, AssetStore
from showreel.core.dynamo import Table
from showreel.core.errors import InvalidInput, MediaError, NotFound, Transient
from showreel.core.settings import MediaBucket, StudioTable, settings

MAX_FETCHED_BYTES = 20 * 1024 * 1024
MAX_UPLOAD_BYTES = 200 * 1024 * 1024
MAX_RESULT_BYTES = 1024 * 1024 * 1024
RESULT_SECONDS = 240.0
BYTES = "application/octet-stream"
IMAGES, AUDIO, UPLOADS = "project-assets", "audio", "uploads"


class AssetSettings(MediaBucket, StudioTable):
    """The environment variables that the asset functions read."""


@functools.cache
def storage() -> Storage:
    """Returns this process's media bucket."""
    return Storage(settings(MediaBucket).media_bucket)


@functools.cache
def asset_rows() -> AssetStore:
    """Returns this process's store of ownership rows."""
    return AssetStore(Table(settings(AssetSettings).studio_table))


def import_image(workspace_id: str, url: str, base_url: str, owner: str) -> StoredImage:
    """Verifies the picture at `url` and stores it as a sanitized JPEG of the workspace's, which
    rows of `owner` will name.

    Raises InvalidInput `blocked_url`; MediaError `media_not_found`, `media_type`,
    `media_too_large`, `media_unreachable`, `media_invalid`.
    """
    from showreel.assets.images import sanitize  # imported here: Pillow costs a cold start 80 ms

    if keys.is_own_url(url, base_url):
        _, _, data = _own_image(workspace_id, url, base_url)
    else:
        data = _fetched(url, MAX_IMAGE_BYTES)
    image, kind = sanitize(data), "image/jpeg"
    key = _keep(workspace_id, owner, IMAGES, kind, image.data)
    return StoredImage(key, image.sha256, kind, len(image.data), image.width, image.height)


def copy_image(workspace_id: str, url: str, base_url: str, owner: str) -> str:
    """Stores the picture at `url` unchanged as the workspace's own, and returns its key.

    It is decoded only if its header doesn't suffice as a check; users of it must sanitize it.
    Raises as `import_image`.
    """
    if not keys.is_own_url(url, base_url):
        data = _fetched(url, MAX_IMAGE_BYTES)
        return _keep(workspace_id, owner, IMAGES, _checked_type(data), data)
    source, facts, data = _own_image(workspace_id, url, base_url)
    kind = _checked_type(data)
    key = _reserve(workspace_id, owner, IMAGES, kind, len(data))
    with _media_not_found():
        storage().copy(source, key, kind, facts.etag)
    return key


def _own_image(workspace_id: str, url: str, base_url: str) -> tuple[str, ObjectFacts, bytes]:
    """Returns key, facts and bytes of the picture at an own URL, by one call. Raises MediaError."""
    source = _own_key(workspace_id, url, base_url)
    with _media_not_found():
        facts, data = storage().get_within(source, MAX_IMAGE_BYTES)
    _check_length(facts.size_bytes, MAX_IMAGE_BYTES)
    return source, facts, data


def _checked_type(data: bytes) -> str:
    """Returns the picture's type; decodes it only if the header doesn't suffice as a check."""
    if not is_whole(data):
        from showreel.assets.images import verify

        verify(data)
    return image_type(data)


def _reserve(workspace_id: str, owner: str, bucket: str, kind: str, size_bytes: int) -> str:
    key = keys.new_key(bucket, kind)
    asset_rows().record(workspace_id, key, kind, size_bytes, owner=owner)
    return key


def _keep(workspace_id: str, owner: str, bucket: str, kind: str, data: bytes) -> str:
    key = _reserve(workspace_id, owner, bucket, kind, len(data))
    storage().put(key, data, kind)
    return key


def import_audio(workspace_id: str, url: str, base_url: str, owner: str) -> StoredMedia:
    """Stores the MP3, M4A or WAV at `url` as the workspace's own: at most 200 MB of an upload, 20
    MB of a fetched one. Raises as `import_image`.
    """
    return _import_file(workspace_id, url, base_url, owner, AUDIO, audio_type)


def import_video(workspace_id: str, url: str, base_url: str, owner: str) -> StoredMedia:
    """Stores the MP4, MOV or WebM at `url` in the same way. Checks only its first bytes."""
    return _import_file(workspace_id, url, base_url, owner, IMAGES, video_type)


def _import_file(
    workspace_id: str,
    url: str,
    base_url: str,
    owner: str,
    bucket: str,
    kind_of: Callable[[bytes], str],
) -> StoredMedia:
    if not keys.is_own_url(url, base_url):
        data = _fetched(url, MAX_FETCHED_BYTES)
        kind = kind_of(data[:MAGIC_BYTES])
        key = _keep(workspace_id, owner, bucket, kind, data)
        return StoredMedia(key, hashlib.sha256(data).hexdigest(), kind, len(data))
    source, facts = _own_object(workspace_id, url, base_url)
    _check_length(facts.size_bytes, MAX_UPLOAD_BYTES)
    kind = kind_of(storage().get_start(source, MAGIC_BYTES))
    sha256 = storage().sha256(source, facts.etag)
    key = _reserve(workspace_id, owner, bucket, kind, facts.size_bytes)
    storage().copy(source, key, kind, facts.etag)
    return StoredMedia(key, sha256, kind, facts.size_bytes)


def fetch_media(workspace_id: str, url: str, base_url: str, path: Path) -> None:
    """Copies the contents of `url` to a local file, unchecked: at most 200 MB of an own object, 20
    MB of a fetched one. Raises InvalidInput and MediaError as `import_image`.
    """
    if not keys.is_own_url(url, base_url):
        path.write_bytes(_fetched(url, MAX_FETCHED_BYTES))
        return
    key, facts = _own_object(workspace_id, url, base_url)
    _check_length(facts.size_bytes, MAX_UPLOAD_BYTES)
    with _media_not_found():
        storage().get_file(key, path)


def _fetched(url: str, max_bytes: int) -> bytes:
    from showreel.assets.fetch import Rules, fetch_bytes

    return fetch_bytes(url, Rules(max_bytes))


def _own_object(workspace_id: str, url: str, base_url: str) -> tuple[str, ObjectFacts]:
    """Returns key and facts of an own URL; missing, unsent and foreign raise the same error."""
    key = _own_key(workspace_id, url, base_url)
    with _media_not_found():
        return key, storage().head(key)


def _own_key(workspace_id: str, url: str, base_url: str) -> str:
    key = keys.key_of(url, base_url)
    with _media_not_found():
        if key is None or asset_rows().owned(workspace_id, key) is None:
            raise NotFound("no such asset")
    return key


def owned_keys(workspace_id: str, asset_keys: Iterable[str]) -> frozenset[str]:
    """Returns those of the keys that are the workspace's own objects."""
    rows = asset_rows().find(asset_keys)
    return frozenset(key for key, row in rows.items() if row["workspace_id"] == workspace_id)


@contextmanager
def _media_not_found() -> Iterator[None]:
    try:
        yield
    except NotFound as error:
        raise MediaError("No such media file", code="media_not_found") from error


def _check_length(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes > limit_bytes:
        limit = f"{limit_bytes // (1 << 20)} MB"
        raise MediaError(f"The file is larger than {limit}", code="media_too_large")


def create_upload(request: CreateUpload, base_url: str) -> CreatedUpload:
    """Prepares an upload: returns its URL, and where to PUT the bytes. The caller must have checked
    membership. Raises MediaError `media_too_large`.
    """
    is_image = request.content_type.startswith("image/")
    _check_length(request.size, MAX_IMAGE_BYTES if is_image else MAX_UPLOAD_BYTES)
    kind = CANONICAL.get(request.content_type, request.content_type)
    key = _reserve(request.workspace_id, NOBODY, UPLOADS, kind, request.size)
    signed = storage().signed_put(key, request.content_type, request.size)
    return CreatedUpload(
        url=keys.public_url(base_url, key),
        upload=UploadTarget(url=signed.url, headers=signed.headers),
        expires_in=SIGNED_PUT_SECONDS,
    )


def open_public(bucket: str, file: str, method: str, accept: str = "") -> str:
    """Returns a short-lived signed URL for GET or HEAD of a public object. Raises NotFound.

    If `accept` is only bytes, the answer has that type: supabase-js reads others as text.
    """
    key = keys.public_key(bucket, file)
    if key is None or not storage().exists(key):
        raise NotFound("No such file")
    content_type = BYTES if accept.strip().lower() == BYTES else None
    return storage().signed_get(key, method=method, content_type=content_type)


def delete_assets(asset_keys: Iterable[str]) -> None:
    """Removes objects and their ownership rows; missing ones are ignored. Raises Transient."""
    doomed = [key for key in asset_keys if key]
    storage().delete(*doomed)
    for key in doomed:
        asset_rows().forget(key)


def copy_result(
    url: str,
    path: Path,
    *,
    headers: Mapping[str, str] | None = None,
    allowed_hosts: Iterable[str],
    exempt_origins: Iterable[str] = (),
    max_bytes: int = MAX_RESULT_BYTES,
    total_seconds: float = RESULT_SECONDS,
) -> int:
    """Streams a vendor's result to `path` and returns its size in bytes.

    `headers` are sent only to the URL's own origin, not to targets of redirects. Only from
    `allowed_hosts` (exact, or `*.example.com`) over https, or from `exempt_origins`. Raises
    InvalidInput `blocked_url`, MediaError `media_too_large` or `media_type`, NotFound if it doesn't
    exist, and Transient if it can't be read at present.
    """
    from showreel.assets.fetch import Gone, Rules, fetch_file

    rules = Rules(max_bytes, total_seconds, frozenset(exempt_origins), frozenset(allowed_hosts))
    try:
        return fetch_file(url, path, rules, headers)
    except Gone as error:
        raise NotFound("a result is gone") from error
    except InvalidInput as error:
        if error.code == "media_unreachable":
            raise Transient("a result can't be read") from error
        raise
