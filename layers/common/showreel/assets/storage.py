"""The media bucket: reads and writes objects, and signs URLs for one purpose each."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from showreel.core.aws import client
from showreel.core.errors import NotFound, Transient

SIGNED_GET_SECONDS = 900
SIGNED_PUT_SECONDS = 900
CHUNK_BYTES = 1 << 20
CACHE_CONTROL = "public, max-age=31536000, immutable"
MISSING_CODES = frozenset(
    {"404", "NoSuchKey", "NotFound", "403", "AccessDenied", "412", "PreconditionFailed"}
)
"""Without the right to list, S3 answers 403 for a missing key; 412 stands for another version."""


@dataclass(frozen=True)
class ObjectFacts:
    """S3's facts of an object. `etag` changes with its bytes; `metadata` is its writer's."""

    size_bytes: int
    content_type: str
    etag: str
    modified_at: datetime
    metadata: dict[str, str]


@dataclass(frozen=True)
class ListedObject:
    """An object in a listing."""

    key: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True)
class SignedPut:
    """The URL for a PUT, with its exact headers; S3 refuses others."""

    url: str
    headers: dict[str, str]


class Storage:
    """One bucket. Missing objects raise NotFound, temporary faults Transient."""

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Writes an object; an existing one is overwritten."""
        with _translated():
            client("s3").put_object(Body=data, **self._target(key, content_type))

    def put_file(
        self, key: str, path: Path, content_type: str, metadata: dict[str, str] | None = None
    ) -> None:
        """Writes an object from a local file, in parts if it is large. `metadata` is ASCII."""
        target = self._target(key, content_type)
        extra: dict[str, Any] = {name: target[name] for name in ("ContentType", "CacheControl")}
        extra["Metadata"] = metadata or {}
        with _translated(), _transfer() as transfer:
            transfer.upload(str(path), self.bucket, key, extra_args=extra).result()

    def get(self, key: str) -> bytes:
        """Returns the whole object; check its size with `head` first if it may be large."""
        with _reading():
            return bytes(client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def get_within(self, key: str, most_bytes: int) -> tuple[ObjectFacts, bytes]:
        """Returns facts and contents by one call; no contents above `most_bytes`."""
        with _reading():
            answer = client("s3").get_object(Bucket=self.bucket, Key=key)
            facts, body = _facts(answer), answer["Body"]
            if facts.size_bytes <= most_bytes:
                return facts, bytes(body.read())
            body.close()
            return facts, b""

    def get_start(self, key: str, length_bytes: int) -> bytes:
        """Returns the first bytes of an object, for checks of its type."""
        return self.get_span(key, 0, length_bytes)

    def get_span(self, key: str, start: int, length_bytes: int) -> bytes:
        """Returns bytes from `start` on, fewer at the end of the object."""
        span = f"bytes={start}-{start + length_bytes - 1}"
        with _reading():
            answer = client("s3").get_object(Bucket=self.bucket, Key=key, Range=span)
            return bytes(answer["Body"].read())

    def get_file(self, key: str, path: Path) -> None:
        """Copies an object to a local file."""
        with _reading(), _transfer() as transfer:
            transfer.download(self.bucket, key, str(path)).result()

    def sha256(self, key: str, etag: str) -> str:
        """Returns the SHA-256 in hex, read as a stream. Raises NotFound for another `etag`."""
        digest = hashlib.sha256()
        with _reading():
            answer = client("s3").get_object(Bucket=self.bucket, Key=key, IfMatch=etag)
            for chunk in answer["Body"].iter_chunks(CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()

    def head(self, key: str) -> ObjectFacts:
        """Returns size, type and ETag of an object."""
        with _reading():
            return _facts(client("s3").head_object(Bucket=self.bucket, Key=key))

    def exists(self, key: str) -> bool:
        """Returns whether the object exists."""
        try:
            self.head(key)
        except NotFound:
            return False
        return True

    def list_page(self, prefix: str, after: str = "") -> list[ListedObject]:
        """Returns the next objects after a key, at most 1000, sorted by key."""
        with _translated():
            place = {"StartAfter": after} if after else {}
            answer = client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix, **place)
        return [
            ListedObject(one["Key"], one["Size"], one["LastModified"])
            for one in answer.get("Contents", [])
        ]

    def copy(self, source_key: str, key: str, content_type: str, etag: str) -> None:
        """Copies within the bucket. Raises NotFound if the source has changed since `etag`."""
        source = {"Bucket": self.bucket, "Key": source_key}
        with _reading():
            client("s3").copy_object(
                CopySource=source,
                CopySourceIfMatch=etag,
                MetadataDirective="REPLACE",
                **self._target(key, content_type),
            )

    def delete(self, *keys: str) -> None:
        """Removes objects; missing ones are ignored."""
        for start in range(0, len(keys), 1000):
            names = [{"Key": key} for key in keys[start : start + 1000]]
            with _translated():
                answer = client("s3").delete_objects(
                    Bucket=self.bucket, Delete={"Objects": names, "Quiet": True}
                )
            if answer.get("Errors"):
                raise Transient("S3: some objects were not deleted")

    def signed_get(
        self,
        key: str,
        *,
        method: str = "GET",
        content_type: str | None = None,
        expires_seconds: int = SIGNED_GET_SECONDS,
    ) -> str:
        """Returns a signed URL that reads `key` with exactly `method` (GET or HEAD) for so long,
        answered with `content_type` in place of the object's own if given.
        """
        operation = "head_object" if method == "HEAD" else "get_object"
        other = {} if content_type is None else {"ResponseContentType": content_type}
        return self._signed(operation, {"Key": key, **other}, expires_seconds)

    def signed_put(self, key: str, content_type: str, size_bytes: int) -> SignedPut:
        """Returns a signed URL that takes exactly `size_bytes` of `content_type`."""
        fields = {"Key": key, "ContentType": content_type, "ContentLength": size_bytes}
        headers = {"Content-Type": content_type, "Content-Length": str(size_bytes)}
        return SignedPut(self._signed("put_object", fields, SIGNED_PUT_SECONDS), headers)

    def _signed(self, operation: str, fields: dict[str, Any], expires_seconds: int) -> str:
        return str(
            client("s3").generate_presigned_url(
                operation, Params={"Bucket": self.bucket} | fields, ExpiresIn=expires_seconds
            )
        )

    def _target(self, key: str, content_type: str) -> dict[str, str]:
        return {
            "Bucket": self.bucket,
            "Key": key,
            "ContentType": content_type,
            "CacheControl": CACHE_CONTROL,
        }


def _facts(answer: dict[str, Any]) -> ObjectFacts:
    return ObjectFacts(
        size_bytes=answer["ContentLength"],
        content_type=answer.get("ContentType", ""),
        etag=answer["ETag"],
        modified_at=answer["LastModified"],
        metadata=answer["Metadata"],
    )


@contextmanager
def _translated() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise Transient(f"S3: {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise Transient(f"S3: {type(error).__name__}") from error


@contextmanager
def _transfer() -> Iterator[Any]:
    """Provides a manager of transfers in parts: the one that boto3 wraps, without boto3's imports.

    A download that breaks off five times, or whose object changes meanwhile, is Transient.
    """
    from s3transfer.exceptions import RetriesExceededError, S3DownloadFailedError
    from s3transfer.manager import TransferManager

    try:
        with TransferManager(client("s3")) as manager:
            yield manager
    except (RetriesExceededError, S3DownloadFailedError) as error:
        raise Transient(f"S3: {type(error).__name__}") from error


@contextmanager
def _reading() -> Iterator[None]:
    from botocore.exceptions import ClientError

    with _translated():
        try:
            yield
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING_CODES:
                raise NotFound("No such object") from error
            raise
