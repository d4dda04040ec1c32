"""Local files as URLs."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from showreel_client import GenerationError
from tests.client.support import Both, Server, answer

URL = "https://api.example.com/dev/storage/v1/object/public/uploads/1.jpg"
BUCKET = "https://bucket.s3.eu-central-1.amazonaws.com/uploads/1.jpg?X-Amz-Signature=1"
HEADERS = {"Content-Type": "image/jpeg", "Content-Length": "5"}
MADE: dict[str, Any] = {
    "url": URL,
    "upload": {"method": "PUT", "url": BUCKET, "headers": HEADERS},
    "expiresIn": 900,
}


class Bucket(Server):
    """The API's server, and the bucket beside it."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host.startswith("bucket"):
            request.read() if isinstance(request.stream, httpx.SyncByteStream) else None
            self.requests.append(request)
            return self.replies["put"].pop(0)  # type: ignore[return-value]
        return super().__call__(request)


@pytest.fixture
def server() -> Server:
    bucket = Bucket().on("put", httpx.Response(503), httpx.Response(200))
    return bucket.on("api/uploads", answer(201, MADE))


@pytest.mark.parametrize("kind", ["path", "text", "bytes"])
def test_a_file_becomes_a_url(call: Both, server: Server, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "room.JPG"
    file.write_bytes(b"bytes")
    source = {"path": file, "text": str(file), "bytes": b"bytes"}[kind]
    assert call("upload", source, **({"file_name": "room.JPG"} if kind == "bytes" else {})) == URL
    asked, *puts = server.requests
    assert json.loads(asked.content) == {
        "workspaceId": "workspace-1",
        "fileName": "room.JPG",
        "contentType": "image/jpeg",
        "size": 5,
    }
    assert len(puts) == 2
    for put in puts:
        assert (put.method, str(put.url)) == ("PUT", BUCKET)
        assert "authorization" not in put.headers
        assert "transfer-encoding" not in put.headers
        assert put.headers["content-type"] == "image/jpeg"
        assert put.headers["content-length"] == "5"
    if not call.is_async or kind == "bytes":
        assert {put.content for put in puts} == {b"bytes"}


def test_without_a_workspace_it_is_the_callers_first(server: Server) -> None:
    server.on("api/workspaces", answer(200, {"items": [{"id": "w-9"}], "nextCursor": None}))
    Both(server, is_async=False, workspace_id=None)("upload", b"x", file_name="a.png")
    assert json.loads(server.to("api/uploads")[0].content)["workspaceId"] == "w-9"


@pytest.mark.parametrize(
    "made",
    [
        {},
        {"url": URL},
        MADE | {"url": "file:///x"},
        MADE | {"upload": {"url": "ftp://x/y", "headers": {}}},
        MADE | {"upload": {"url": BUCKET, "headers": {"A": "b\r\nc: d"}}},
        MADE | {"upload": {"url": BUCKET, "headers": {"A b": "c"}}},
        MADE | {"upload": {"url": BUCKET, "headers": {"A": 1}}},
    ],
)
def test_an_answer_that_says_nowhere(call: Both, server: Server, made: dict[str, Any]) -> None:
    server.on("api/uploads", answer(201, made))
    with pytest.raises(GenerationError) as caught:
        call("upload", b"x", file_name="a.png")
    assert caught.value.code == "edge_function_error"
    assert len(server.requests) == 1


def test_a_bucket_that_refuses(call: Both, server: Server) -> None:
    server.on("put", httpx.Response(403))
    with pytest.raises(GenerationError) as caught:
        call("upload", b"x", file_name="a.png")
    assert (caught.value.code, caught.value.status) == ("edge_function_error", 403)


@pytest.mark.parametrize(("name", "reason"), [("a.gif", "end in"), (None, "file_name")])
def test_what_can_not_be_sent(call: Both, name: str | None, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        call("upload", b"x", file_name=name)


def test_a_file_that_is_not_there(call: Both, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        call("upload", tmp_path / "a.png")
