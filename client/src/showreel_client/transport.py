"""Code that both drivers share: requests in httpx's form, and its errors in ours."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from showreel_client.effects import Answer, Lost, Request

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 10.0
MAX_BODY_SECONDS = 300.0
"""The longest time for an answer that isn't a stream, however slowly it arrives."""
CANCEL_SECONDS = 5.0
"""The longest time for notifying the server of a cancellation."""


def checked_base_url(url: str) -> str:
    """Returns the base URL without its last slash. Raises ValueError unless it is http or https."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("base_url is an http or https URL, such as https://host/stage")
    return url.rstrip("/")


def checked_token(token: str) -> str:
    """Returns the token, if it can be a header's value. Raises ValueError."""
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise ValueError("the token is not printable ASCII")
    return token


def headers_of(request: Request, token: str | None) -> dict[str, str]:
    """Returns the headers. Compression is refused: a small answer could unpack to a huge one."""
    headers = {"Accept-Encoding": "identity", **request.headers}
    return headers | ({"Authorization": f"Bearer {token}"} if token is not None else {})


def timeout_of(request: Request) -> "httpx.Timeout":
    """Returns the time-out, which limits silence, not the whole answer."""
    import httpx

    return httpx.Timeout(request.silence_seconds, connect=CONNECT_SECONDS)


def lost(error: Exception) -> Lost:
    """Returns a failed exchange. It may be repeated, unless the request itself is wrong."""
    import httpx

    ours = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.TooManyRedirects)
    return Lost(type(error).__name__, may_retry=not isinstance(error, ours))


def head_of(response: "httpx.Response") -> Answer | Lost:
    """Returns status and headers of an answer, before its body is read."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    if headers.get("content-encoding", "identity").lower() not in {"identity", ""}:
        return Lost("a compressed answer", may_retry=False)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_stream = kind == "text/event-stream" and response.status_code == 200
    return Answer(response.status_code, headers, is_stream=is_stream)


def new_arguments(request: Request, token: str | None) -> dict[str, Any]:
    """Returns the arguments of httpx's `build_request`, except a file's content."""
    arguments: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "headers": headers_of(request, token),
        "timeout": timeout_of(request),
    }
    if request.json is not None:
        arguments["json"] = request.json
    elif isinstance(request.content, bytes):
        arguments["content"] = request.content
    return arguments
