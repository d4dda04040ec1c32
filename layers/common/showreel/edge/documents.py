"""Serves the OpenAPI document and the page that shows it, which are files of a function.

They are compressed here, once per process, for clients that accept gzip: API Gateway compresses no
streams, and other answers only for every route or none.
"""

import functools
import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from showreel.edge.etags import has
from showreel.edge.streaming.opening import Opening

OPENAPI, PAGE, SCRIPT = "openapi.json", "page.html", "redoc/redoc.standalone.js"
KEPT_BASES = 4
"""One stack is usually reached under one base URL, or two."""
LEVEL = 6
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""What the page may load: only what this API serves. Redoc writes its styles into the page, and its
search runs in a worker that it makes.
"""
PAGE_HEADERS = {"Content_Security_Policy": POLICY, "Referrer_Policy": "no-referrer"}
SHORT, LONG = "public, max-age=300", "public, max-age=86400"


@dataclass(frozen=True)
class Document:
    """A file, plain and compressed, with its headers."""

    content_type: str
    body: bytes
    compressed: bytes
    etag: str
    headers: dict[str, str]

    @classmethod
    def of(cls, content_type: str, body: bytes, **headers: str) -> "Document":
        """Returns the document of a file, compressed and tagged."""
        digest = hashlib.sha256(body).hexdigest()[:32]
        packed = gzip.compress(body, LEVEL, mtime=0)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(content_type, body, packed, f'"{digest}"', named)


class Documents:
    """The files in `folder`, each read on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_base = functools.lru_cache(KEPT_BASES)(self._openapi)

    def openapi(self, base_url: str) -> Document:
        """Returns the OpenAPI document with this base URL as its server."""
        return self._by_base(base_url)

    def _openapi(self, base_url: str) -> Document:
        document: dict[str, Any] = json.loads(self._read(OPENAPI))
        document["servers"] = [{"url": base_url}]
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        return Document.of("application/json", text.encode(), Cache_Control=SHORT)

    @functools.cached_property
    def page(self) -> Document:
        """The HTML page that shows the document."""
        body = self._read(PAGE)
        return Document.of("text/html; charset=utf-8", body, Cache_Control=SHORT, **PAGE_HEADERS)

    @functools.cached_property
    def script(self) -> Document:
        """Redoc's script, unchanged from its package."""
        body = self._read(SCRIPT)
        return Document.of("text/javascript; charset=utf-8", body, Cache_Control=LONG)

    def _read(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()


def answer(app: APIGatewayRestResolver, opening: Opening, document: Document) -> Response[Any]:
    """Answers 200 with the document, or 304 for a caller who has it."""
    headers = {
        "ETag": document.etag,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        **document.headers,
    }
    if has(app, document.etag):
        return Response(304, body="", headers=dict(headers))
    takes_gzip = takes("gzip", app.current_event.headers.get("accept-encoding") or "")
    headers |= {"Content-Type": document.content_type}
    headers |= {"Content-Encoding": "gzip"} if takes_gzip else {}
    return opening.open(headers, iter([document.compressed if takes_gzip else document.body]))


def takes(coding: str, accepted: str) -> bool:
    """Returns whether `Accept-Encoding` names the coding, and not with `q=0`."""
    for part in accepted[:500].lower().split(","):
        name, _, weight = (piece.strip() for piece in part.partition(";"))
        if name == coding:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
