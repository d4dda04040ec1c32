"""The URLs of a request in fal's queue: the vendor's own, as far as they may be followed.

The vendor answers a create with three URLs and asks that they be used, not built. They are
untrusted, and our key is sent to them, so only those below our base URL or on a host of the vendor
are used. Otherwise the documented form is: owner, app and request id. What follows the app in a
model's name is not part of it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from showreel.core.errors import ProviderModelGone, ProviderUpstream

MODEL = re.compile(
    r"(?!.*/requests(?:/|$))[A-Za-z0-9_][\w.-]{0,99}(?:/[A-Za-z0-9_][\w.-]{0,99}){1,8}", re.ASCII
)
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""Ids that may be put into a path. The vendor's are UUIDs."""
NAMESPACES = frozenset({"workflows", "comfy"})
"""First parts of a model's name that come before its owner (the vendor's client)."""
ROOT = re.compile(r"(?:/[A-Za-z0-9_][\w.-]{0,99}){2,3}/requests/[A-Za-z0-9_-]{1,128}", re.ASCII)
TAIL = re.compile(r"(?:/[a-z_]{1,30}){0,2}")
HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,3}fal\.run")
MAX_URL_CHARS = 1000


@dataclass(frozen=True)
class RequestUrls:
    """The URL or path of a request, and what each call appends to it."""

    root: str
    status: str = "/status"
    response: str = ""
    cancel: str = "/cancel"

    def handle(self) -> str:
        """Encodes the URLs for `VendorTask.handle`."""
        return json.dumps(astuple(self), separators=(",", ":"))


def read_handle(handle: str, task_id: str) -> RequestUrls:
    """Decodes a handle. Raises ProviderUpstream for what isn't one of this task."""
    try:
        root, *tails = json.loads(handle)
        urls = RequestUrls(root, *tails)
        is_ours = _is_root(root, task_id) and len(tails) == 3 and all(map(TAIL.fullmatch, tails))
    except (ValueError, TypeError, RecursionError) as error:
        raise ProviderUpstream("not a handle of this vendor") from error
    if not is_ours:
        raise ProviderUpstream("not a handle of this vendor")
    return urls


def submit_path(model: str, callback_url: str | None) -> str:
    """Returns the path of a create. Raises ProviderModelGone for an invalid model name."""
    if not MODEL.fullmatch(model):
        raise ProviderModelGone("not a model of this vendor")
    query = f"?fal_webhook={quote(callback_url, safe='')}" if callback_url else ""
    return f"/{model}{query}"


def usual_urls(model: str, request_id: str) -> RequestUrls:
    """Returns the URLs in the documented form."""
    parts = model.split("/")
    count = 3 if parts[0] in NAMESPACES else 2
    return RequestUrls(f"/{'/'.join(parts[:count])}/requests/{request_id}")


def urls_in(base_url: str, answer: Mapping[str, Any], usual: RequestUrls) -> RequestUrls:
    """Returns the URLs in a create's answer, or the usual ones if those can't be used."""
    request_id = usual.root.rpartition("/")[2]
    urls = [answer.get(name) for name in ("status_url", "response_url", "cancel_url")]
    split = [_split(base_url, url, request_id) for url in urls]
    found = [one for one in split if one is not None]
    roots = {root for root, _ in found}
    if len(found) < len(urls) or len(roots) != 1:
        return usual
    return RequestUrls(roots.pop(), *(tail for _, tail in found))


def _split(base_url: str, url: object, request_id: str) -> tuple[str, str] | None:
    """Splits a URL into root and tail; None if it may not be followed."""
    if not isinstance(url, str) or len(url) > MAX_URL_CHARS:
        return None
    below = url.removeprefix(base_url.rstrip("/"))
    head, mark, rest = below.partition(f"/requests/{request_id}")
    root = head + mark
    return (root, rest) if _is_root(root, request_id) and TAIL.fullmatch(rest) else None


def _is_root(root: object, request_id: str) -> bool:
    """Returns whether it is a request's path, alone or on a host of the vendor."""
    if not isinstance(root, str) or len(root) > MAX_URL_CHARS:
        return False
    path = root
    if not root.startswith("/"):
        try:
            parts = urlsplit(root)
        except ValueError:
            return False
        if parts.scheme != "https" or not HOST.fullmatch(parts.netloc):
            return False
        path = root.removeprefix(f"https://{parts.netloc}")
    return bool(ROOT.fullmatch(path)) and path.endswith(f"/requests/{request_id}")
