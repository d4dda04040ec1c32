"""The HTTP API as the demo uses it, over httpx."""

import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.demo.photos import Photo

TIMEOUT_SECONDS = 60.0


class ApiError(Exception):
    """The API said no. `message` is for a person, `code` for a program."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class ServerEvent:
    """One server-sent event; `number` is where a new stream goes on."""

    name: str
    data: dict[str, Any]
    number: str | None


class StudioClient:
    """One user of one workspace. Its clients trust no certificate: a local stack speaks HTTP, and
    each would read all of the world's.
    """

    def __init__(self, base_url: str, token: str, workspace_id: str) -> None:
        self.workspace_id = workspace_id
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(
            base_url=base_url, headers=headers, timeout=TIMEOUT_SECONDS, verify=trust
        )
        self._files = httpx.Client(timeout=TIMEOUT_SECONDS, verify=trust)

    def close(self) -> None:
        """Ends the connections."""
        self._http.close()
        self._files.close()

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Returns one call. Raises ApiError for any answer but 2xx, httpx.HTTPError for none at
        all.
        """
        response = self._http.request(method, path, json=body, headers=headers)
        answer = _json(response)
        if not response.is_success:
            text = str(answer.get("message") or answer.get("error") or response.reason_phrase)
            raise ApiError(response.status_code, str(answer.get("code", "")), text)
        return answer

    def upload(self, photo: Photo) -> str:
        """Puts a still into the workspace; returns the URL that stands for it."""
        size = photo.path.stat().st_size
        wish = {
            "workspaceId": self.workspace_id,
            "fileName": photo.path.name,
            "contentType": photo.content_type,
            "size": size,
        }
        answer = self.call("POST", "/api/uploads", wish)
        target = answer["upload"]
        with photo.path.open("rb") as file:
            done = self._files.request(
                target["method"], target["url"], content=file.read(), headers=target["headers"]
            )
        if not done.is_success:
            raise ApiError(done.status_code, "upload_failed", f"{photo.path.name}: not uploaded")
        return str(answer["url"])

    def credits(self) -> dict[str, Any]:
        """Balance, held and available."""
        return self.call("GET", f"/api/credits?workspaceId={self.workspace_id}")

    def run(self, run_id: str) -> dict[str, Any]:
        """Returns the run as it is now."""
        return self.call("GET", f"/api/runs/{run_id}")

    def events(self, run_id: str, after: str | None) -> Iterator[ServerEvent]:
        """Yields the run's events after one already seen, until the server ends the stream."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        path = f"/api/runs/{run_id}/events"
        with self._http.stream("GET", path, headers=headers) as response:
            if not response.is_success:
                raise ApiError(response.status_code, "no_stream", "the run can't be followed")
            yield from parse_events(response.iter_lines())

    def download(self, url: str, path: Path) -> int:
        """Fetches a permanent media URL through its redirect; returns the bytes written."""
        fresh = path.with_suffix(f"{path.suffix}.part")
        with (
            self._files.stream("GET", url, follow_redirects=True) as response,
            fresh.open("wb") as file,
        ):
            response.raise_for_status()
            for chunk in response.iter_bytes():
                file.write(chunk)
        fresh.replace(path)
        return path.stat().st_size


def parse_events(lines: Iterator[str]) -> Iterator[ServerEvent]:
    """Server-sent events of JSON data out of their lines; comments are skipped."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
        elif fields:
            if "data" in fields:
                data = json.loads(fields["data"])
                yield ServerEvent(fields.get("event", "message"), data, fields.get("id"))
            fields = {}


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
