"""Keeps tables, objects and secrets in a folder, so that the next start finds them.

    tables/<name>.json      the items, as DynamoDB writes them
    objects/index.json      bucket, key, headers and content hash of every object
    objects/<sha256>        the contents, written once
    secrets.json            values by name

Each file is replaced in one step. Running executions are not kept: after a restart they are gone,
and the product's own sweeps end or restart what they were doing.
"""

import base64
import hashlib
import json
import threading
from pathlib import Path
from typing import Any

from local.aws.resources import Clients, Resources

SAVE_SECONDS = 2.0
BATCH = 25
BYTES = "$base64"
"""Marks binary attributes in the JSON files."""


class Keeper:
    """Loads the folder into moto and saves moto into the folder."""

    def __init__(self, folder: Path, clients: Clients, resources: Resources) -> None:
        self.folder = folder
        self.clients = clients
        self.resources = resources
        self._stopped = threading.Event()
        self._saving = threading.Lock()
        self._saved: dict[tuple[str, str, str], dict[str, Any]] = {}
        for name in ("tables", "objects"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def kept_secrets(self) -> dict[str, str]:
        """Secrets of the last run, by name."""
        values: dict[str, str] = _read(self.folder / "secrets.json", {})
        return values

    def load(self) -> None:
        """Puts the kept items and objects back."""
        for table in self.resources.tables:
            self._load_table(table, _read(self.folder / "tables" / f"{table}.json", []))
        for entry in _read(self.folder / "objects" / "index.json", []):
            self._load_object(entry)

    def _load_table(self, table: str, items: list[dict[str, Any]]) -> None:
        for start in range(0, len(items), BATCH):
            requests = [{"PutRequest": {"Item": item}} for item in items[start : start + BATCH]]
            self.clients.dynamodb.batch_write_item(RequestItems={table: requests})

    def _load_object(self, entry: dict[str, Any]) -> None:
        content = self.folder / "objects" / entry["sha256"]
        if entry["Bucket"] in self.resources.buckets and content.exists():
            headers = {key: value for key, value in entry.items() if key != "sha256"}
            self.clients.s3.put_object(Body=content.read_bytes(), **headers)

    def start(self, changed: threading.Event) -> None:
        """Saves in the background, whenever something changed."""
        threading.Thread(target=self._run, args=(changed,), daemon=True).start()

    def _run(self, changed: threading.Event) -> None:
        while not self._stopped.wait(SAVE_SECONDS):
            if changed.is_set():
                changed.clear()
                self.save()

    def save(self) -> None:
        """Writes everything that is not written yet."""
        with self._saving:
            for table in self.resources.tables:
                _write(self.folder / "tables" / f"{table}.json", self._items(table))
            index = [self._save_object(b, o) for b in self.resources.buckets for o in self._list(b)]
            _write(self.folder / "objects" / "index.json", [entry for entry in index if entry])
            _write(self.folder / "secrets.json", self._secrets())
            self._forget_unused({entry["sha256"] for entry in index if entry})

    def _items(self, table: str) -> list[dict[str, Any]]:
        pages = self.clients.dynamodb.get_paginator("scan").paginate(TableName=table)
        return [item for page in pages for item in page["Items"]]

    def _list(self, bucket: str) -> list[dict[str, Any]]:
        pages = self.clients.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [found for page in pages for found in page.get("Contents", [])]

    def _save_object(self, bucket: str, found: dict[str, Any]) -> dict[str, Any] | None:
        """Returns the object's entry; its content is read only once. None if it has just been
        deleted.
        """
        version = (bucket, found["Key"], found["ETag"])
        if version not in self._saved:
            try:
                answer = self.clients.s3.get_object(Bucket=bucket, Key=found["Key"])
            except self.clients.s3.exceptions.NoSuchKey:
                return None
            names = ("ContentType", "CacheControl", "ContentDisposition", "Metadata")
            headers = {name: answer[name] for name in names if answer.get(name)}
            sha256 = self._save_content(answer["Body"].read())
            self._saved[version] = {"Bucket": bucket, "Key": found["Key"], "sha256": sha256}
            self._saved[version] |= headers
        return self._saved[version]

    def _save_content(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.folder / "objects" / sha256
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.write_bytes(data)
            fresh.replace(path)
        return sha256

    def _secrets(self) -> dict[str, str]:
        read = self.clients.secretsmanager.get_secret_value
        return {name: read(SecretId=name)["SecretString"] for name in self.resources.secrets}

    def _forget_unused(self, used: set[str]) -> None:
        for path in (self.folder / "objects").iterdir():
            if path.name != "index.json" and path.name not in used:
                path.unlink(missing_ok=True)

    def stop(self) -> None:
        """Saves a last time."""
        self._stopped.set()
        self.save()


def _read(path: Path, default: Any) -> Any:
    return json.loads(path.read_text(), object_hook=_bytes) if path.exists() else default


def _write(path: Path, value: Any) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(value, default=_base64))
    fresh.replace(path)


def _base64(value: bytes) -> dict[str, str]:
    return {BYTES: base64.b64encode(value).decode()}


def _bytes(value: dict[str, Any]) -> Any:
    return base64.b64decode(value[BYTES]) if value.keys() == {BYTES} else value
