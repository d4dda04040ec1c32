"""Answers of the gateway: a function's, checked as API Gateway checks it, and its own."""

import base64
import binascii
import http
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.gateway.event import GatewayRequest, is_binary
from local.gateway.routes import Api, Mock
from local.server import StartResponse

REMAPPED = {"connection", "date", "server", "www-authenticate", "transfer-encoding", "upgrade"}
DEFAULT_BODY = '{"message":$context.error.messageString}'
DEFAULTS: dict[str, tuple[int, str]] = {
    "MISSING_AUTHENTICATION_TOKEN": (403, "Missing Authentication Token"),
    "ACCESS_DENIED": (403, "Forbidden"),
    "UNAUTHORIZED": (401, "Unauthorized"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Unsupported Media Type"),
    "REQUEST_TOO_LARGE": (413, "HTTP content length exceeded 10485760 bytes."),
    "INTEGRATION_TIMEOUT": (504, "Endpoint request timed out"),
    "INTEGRATION_FAILURE": (504, "Internal server error"),
    "THROTTLED": (429, "Too Many Requests"),
    "DEFAULT_5XX": (502, "Internal server error"),
    "DEFAULT_4XX": (400, "Bad Request"),
}
"""Status and message of the gateway's own answers, where the template says nothing."""


class MalformedResponse(ValueError):
    """A function's answer that is no proxy response."""


@dataclass
class Answer:
    """What goes back to the client."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | Iterable[bytes] = b""

    def send(self, request: GatewayRequest, start_response: StartResponse) -> Iterable[bytes]:
        """Begins the response and gives its body."""
        headers = [*self.headers, ("x-amzn-RequestId", request.id)]
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("Content-Type", "application/json"))
        if isinstance(self.body, bytes):
            headers.append(("Content-Length", str(len(self.body))))
        start_response(f"{self.status} {_reason(self.status)}", headers)
        return [self.body] if isinstance(self.body, bytes) else self.body


def _reason(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def function_answer(payload: bytes, api: Api, request: GatewayRequest) -> Answer:
    """Returns a function's proxy response. Raises MalformedResponse."""
    try:
        response = json.loads(payload)
    except ValueError:
        raise MalformedResponse("not JSON") from None
    answer = head(response)
    body = response.get("body")
    if body is None:
        return answer
    if not isinstance(body, str):
        raise MalformedResponse("the body is no string")
    answer.body = body.encode()
    if response.get("isBase64Encoded") and _wants_binary(api, request):
        answer.body = _decoded(body)
    return answer


def head(response: Any) -> Answer:
    """Status and headers of a proxy response or a stream's prelude. Raises MalformedResponse."""
    if not isinstance(response, dict):
        raise MalformedResponse("no object")
    try:
        status = int(response.get("statusCode", 200))
    except (TypeError, ValueError):
        raise MalformedResponse("statusCode is no number") from None
    if not 100 <= status <= 599:
        raise MalformedResponse("statusCode is out of range")
    return Answer(status, _headers(response))


def _headers(response: Mapping[str, Any]) -> list[tuple[str, str]]:
    multiple = response.get("multiValueHeaders") or {}
    single = response.get("headers") or {}
    if not isinstance(multiple, dict) or not isinstance(single, dict):
        raise MalformedResponse("headers are no object")
    repeated = {name.lower() for name in multiple}
    pairs = [(name, value) for name, value in single.items() if name.lower() not in repeated]
    for name, values in multiple.items():
        if not isinstance(values, list):
            raise MalformedResponse(f"multiValueHeaders.{name} is no list")
        pairs += [(name, value) for value in values]
    cookies = [("Set-Cookie", cookie) for cookie in response.get("cookies") or []]
    return [_header(name, value) for name, value in [*pairs, *cookies] if not _measured(name)]


def _measured(name: str) -> bool:
    """The gateway counts the body itself."""
    return name.lower() == "content-length"


def _header(name: str, value: Any) -> tuple[str, str]:
    if isinstance(value, dict | list) or value is None:
        raise MalformedResponse(f"header {name} is no text")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "\n" in text or "\r" in text:
        raise MalformedResponse(f"header {name} has a line break")
    return (f"x-amzn-Remapped-{name}" if name.lower() in REMAPPED else name, text)


def _wants_binary(api: Api, request: GatewayRequest) -> bool:
    accepted = request.header("accept").split(",")[0]
    return "*/*" in api.binary_media_types or is_binary(api, accepted)


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        raise MalformedResponse("the body is not base64") from None


def mock_answer(mock: Mock, api: Api, request: GatewayRequest, resource_path: str) -> Answer:
    """Returns what a mock integration gives."""
    chosen = mock.answer(request.header("content-type"))
    if isinstance(chosen, str):
        return own_answer(api, request, chosen, status=500 if chosen == "DEFAULT_5XX" else None)
    context = request.context(resource_path)
    headers = list(chosen.headers.items())
    return Answer(chosen.status, headers, substitute(chosen.body, context).encode())


def own_answer(
    api: Api,
    request: GatewayRequest,
    kind: str,
    *,
    status: int | None = None,
    message: str | None = None,
) -> Answer:
    """Returns the gateway's own answer of a kind, worded by the template."""
    default_status, usual = DEFAULTS[kind]
    message = usual if message is None else message
    fallback = "DEFAULT_4XX" if default_status < 500 else "DEFAULT_5XX"
    chosen = api.responses.get(kind) or api.responses.get(fallback)
    context = request.context(request.path)
    context["error"] = {
        "message": message,
        "messageString": json.dumps(message),
        "responseType": kind,
        "validationErrorString": "",
    }
    if chosen is None:
        return Answer(status or default_status, [], substitute(DEFAULT_BODY, context).encode())
    body = substitute(chosen.template or DEFAULT_BODY, context).encode()
    code = chosen.status or status or default_status
    return Answer(code, list(chosen.headers.items()), body)


def substitute(template: str, context: Mapping[str, Any]) -> str:
    """Returns the text with `$context.a.b` (or `${context.a.b}`) replaced."""

    def value(match: re.Match[str]) -> str:
        node: Any = context
        for part in (match[1] or match[2]).split("."):
            node = node.get(part, "") if isinstance(node, Mapping) else ""
        return str(node)

    return re.sub(r"\$(?:context\.([\w.]*\w)|\{context\.([\w.]+)\})", value, template)
