"""The REST proxy event (format 1.0), as API Gateway builds it."""

import base64
import fnmatch
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from local.gateway.routes import Api
from local.names import API_ID
from local.server import Environ

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "expect"}


@dataclass(frozen=True)
class GatewayRequest:
    """A request on its way through the gateway."""

    environ: Environ
    stage: str
    path: str
    """Without the stage."""
    account: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: float = field(default_factory=time.time)

    @property
    def method(self) -> str:
        """GET, POST and so on."""
        return str(self.environ["REQUEST_METHOD"])

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What the function sees: the client's headers and the gateway's own."""
        given = [
            (name, value)
            for name, value in self.environ["showreel.headers"]
            if name.lower() not in HOP_BY_HOP
        ]
        address = str(self.environ["REMOTE_ADDR"])
        return [
            *given,
            ("X-Amzn-Trace-Id", f"Root=1-{int(self.time):08x}-{self.id.replace('-', '')[:24]}"),
            ("X-Forwarded-For", address),
            ("X-Forwarded-Port", str(self.environ["SERVER_PORT"])),
            ("X-Forwarded-Proto", "http"),
        ]

    def header(self, name: str) -> str:
        """Returns one header's value, empty if absent."""
        key = name.upper().replace("-", "_")
        return str(self.environ.get(key if key == "CONTENT_TYPE" else f"HTTP_{key}", ""))

    def context(self, resource_path: str) -> dict[str, Any]:
        """`requestContext`; also what `$context` means in templates."""
        moment = datetime.fromtimestamp(self.time, UTC)
        host = self.header("host")
        return {
            "accountId": self.account,
            "apiId": API_ID,
            "deploymentId": "local",
            "domainName": host,
            "domainPrefix": host.split(".")[0],
            "extendedRequestId": self.id.replace("-", "")[:15] + "=",
            "httpMethod": self.method,
            "identity": self._identity(),
            "path": f"/{self.stage}{self.path}",
            "protocol": self.environ["SERVER_PROTOCOL"],
            "requestId": self.id,
            "requestTime": moment.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": int(self.time * 1000),
            "resourceId": "local",
            "resourcePath": resource_path,
            "stage": self.stage,
        }

    def _identity(self) -> dict[str, Any]:
        empty = (
            "accessKey",
            "accountId",
            "caller",
            "cognitoAuthenticationProvider",
            "cognitoAuthenticationType",
            "cognitoIdentityId",
            "cognitoIdentityPoolId",
            "principalOrgId",
            "user",
            "userArn",
        )
        return dict.fromkeys(empty) | {
            "sourceIp": self.environ["REMOTE_ADDR"],
            "userAgent": self.header("user-agent") or None,
        }


def proxy_event(
    request: GatewayRequest, api: Api, resource_path: str, parameters: dict[str, str]
) -> dict[str, Any]:
    """Returns the event for a function."""
    single, multiple = _both(request.headers)
    query = parse_qsl(request.environ["QUERY_STRING"], keep_blank_values=True)
    query_single, query_multiple = _both(query)
    return {
        "resource": resource_path,
        "path": request.path,
        "httpMethod": request.method,
        "headers": single,
        "multiValueHeaders": multiple,
        "queryStringParameters": query_single or None,
        "multiValueQueryStringParameters": query_multiple or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": request.context(resource_path),
        **_body(request, api),
    }


def _both(pairs: list[tuple[str, str]]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The last value of each name, and all of them. Header names keep the case they came in."""
    multiple: dict[str, list[str]] = {}
    for name, value in pairs:
        multiple.setdefault(name, []).append(value)
    return {name: values[-1] for name, values in multiple.items()}, multiple


def _body(request: GatewayRequest, api: Api) -> dict[str, Any]:
    data: bytes = request.environ["wsgi.input"].read()
    if not data:
        return {"body": None, "isBase64Encoded": False}
    if is_binary(api, request.environ.get("CONTENT_TYPE", "")):
        return {"body": base64.b64encode(data).decode(), "isBase64Encoded": True}
    return {"body": data.decode("utf-8", errors="replace"), "isBase64Encoded": False}


def is_binary(api: Api, media_type: str) -> bool:
    """True if the API treats the media type as binary."""
    kind = media_type.split(";", maxsplit=1)[0].strip().lower()
    return any(fnmatch.fnmatch(kind, pattern.lower()) for pattern in api.binary_media_types)
