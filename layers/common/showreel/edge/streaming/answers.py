"""The answers of streaming functions, and their form on the wire."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CONTENT_TYPE = "application/vnd.awslambda.http-integration-response"
SEPARATOR = b"\0" * 8
"""Between the JSON prelude and the body."""


@dataclass(frozen=True)
class StreamedAnswer:
    """A status, headers and a body that is still being made.

    Check everything before returning it: from then on the client has its status. The body is made
    to its end, whether the client stays or leaves; so it has to end by itself.
    """

    status: int
    headers: Mapping[str, str]
    body: Iterator[bytes]


def streamed(answer: Any) -> StreamedAnswer:
    """Converts a proxy dict to an answer of one piece; returns a StreamedAnswer as it is."""
    if isinstance(answer, StreamedAnswer):
        return answer
    headers = {name: str(value) for name, value in (answer.get("headers") or {}).items()}
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers[name] = ", ".join(str(value) for value in values)
    return StreamedAnswer(answer.get("statusCode", 200), headers, iter([_body(answer)]))


def _body(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body") or ""
    return base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()


def prelude(answer: StreamedAnswer) -> bytes:
    """Returns status and headers as API Gateway reads them ahead of a streamed body."""
    head = {"statusCode": answer.status, "headers": dict(answer.headers)}
    return json.dumps(head, separators=(",", ":")).encode() + SEPARATOR


def buffered(answer: StreamedAnswer) -> dict[str, Any]:
    """Returns the whole answer as a proxy dict, where streaming isn't possible. A body that isn't
    UTF-8, such as a compressed one, is in Base64.
    """
    data = b"".join(answer.body)
    try:
        body, is_binary = data.decode(), False
    except UnicodeDecodeError:
        body, is_binary = base64.b64encode(data).decode(), True
    return {
        "statusCode": answer.status,
        "headers": dict(answer.headers),
        "body": body,
        "isBase64Encoded": is_binary,
    }
