"""Uploads of the caller's files, and cancellation of jobs."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from showreel_client import faults, values
from showreel_client.effects import Conversation, Request
from showreel_client.generation import Setting
from showreel_client.routes import Route
from showreel_client.run import Run, body_of, settled

ROUTE = Route("uploads", "uploads", "edge_function_error")
CONTENT_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
}
"""The types that the server takes: pictures up to 20 MB, sound and video up to 200 MB."""
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")


def upload(
    setting: Setting,
    source: Path | bytes,
    file_name: str,
    content_type: str | None,
    request_id: str,
) -> Conversation[str]:
    """Uploads a file and returns its URL, which works for seven days.

    Raises GenerationError, ValueError, OSError.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    run = setting.run(ROUTE, request_id)
    body = {
        "workspaceId": (yield from workspace_of(setting, run)),
        "fileName": file_name,
        "contentType": content_type or content_type_of(file_name),
        "size": size,
    }
    url = f"{setting.base_url}/api/uploads"
    made = body_of(run, (yield from settled(run, Request("POST", url, json=body))))
    put, own_url = _put(run, made, source, size), values.url(made.get("url"))
    if own_url is None:
        raise run.error("The answer has no URL for the file")
    sent = yield from settled(run, put)
    if not sent.is_ok:
        raise faults.error_of(sent, ROUTE.error_code)
    return own_url


def content_type_of(file_name: str) -> str:
    """Returns the type of a file by its extension. Raises ValueError for an unknown one."""
    ending = Path(file_name).suffix.lower()
    if ending not in CONTENT_TYPES:
        raise ValueError(f"uploads end in {', '.join(CONTENT_TYPES)}; or give a content_type")
    return CONTENT_TYPES[ending]


def _put(run: Run, made: Mapping[str, Any], source: Path | bytes, size: int) -> Request:
    """Returns the upload request that the server prepared, with exactly its headers and without our
    token.
    """
    target = values.record(made.get("upload"))
    url, headers = values.url(target.get("url")), values.record(target.get("headers"))
    if url is None or not all(map(_is_header, headers.items())):
        raise run.error("The answer doesn't say where the file goes")
    sent = {name.lower(): value for name, value in headers.items()} | {"content-length": str(size)}
    return Request("PUT", url, sent, content=source, is_ours=False)


def _is_header(item: tuple[str, Any]) -> bool:
    name, value = item
    is_value = isinstance(value, str) and value.isascii() and value.isprintable()
    return bool(_HEADER_NAME.fullmatch(name)) and is_value


def workspace_of(setting: Setting, run: Run) -> Conversation[str]:
    """Returns the client's workspace, else the caller's first one."""
    if setting.workspace_id:
        return setting.workspace_id
    url = f"{setting.base_url}/api/workspaces?limit=1"
    body = body_of(run, (yield from settled(run, Request("GET", url))))
    items = body.get("items")
    first = values.record(items[0] if isinstance(items, list) and items else None)
    workspace_id = values.text(first.get("id"))
    if workspace_id is None:
        raise run.error("The caller has no workspace")
    return workspace_id


def cancel_job(setting: Setting, job_id: str, request_id: str) -> Conversation[str]:
    """Cancels a job and returns its status; a finished one stays as it is."""
    run = setting.run(ROUTE, request_id)
    request = Request("POST", cancel_url(setting.base_url, job_id))
    body = body_of(run, (yield from settled(run, request)))
    return values.text(body.get("status")) or ""


def cancel_url(base_url: str, job_id: str) -> str:
    """Returns the URL that cancels a job."""
    return f"{base_url}/api/jobs/{quote(job_id, safe='')}/cancel"
