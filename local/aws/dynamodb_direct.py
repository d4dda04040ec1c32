"""moto's DynamoDB without the layers between it and HTTP: half of what a call computes.

Left out are Flask, werkzeug's requests, and the search for the service, its account and region. A
request's JSON is taken as it is: moto goes through its shapes, of which only those of bytes change
anything.
"""

import functools
import json
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from local.aws.dynamodb_speed import request_id
from local.server import App, Environ, StartResponse

AWKWARD = re.compile(rb'null|"BS?"')
"""What may be bytes, which moto decodes, or nothing, which it leaves out."""


class Request(DynamoHandler):
    """One request: who asks moto, where, and for what."""

    def __init__(self, account: str, region: str, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.current_account, self.region, self.partition = account, region, "aws"
        self.headers = headers
        self.access_key = ""
        self.querystring: dict[str, Any] = {}
        self.uri_match: dict[str, Any] = {}
        self.response_headers: dict[str, Any] = {}

    @functools.cached_property
    def dynamodb_backend(self) -> DynamoDBBackend:
        """The tables of the account; moto looks for them at each mention."""
        tables: DynamoDBBackend = dynamodb_backends[self.current_account][self.region]
        return tables

    def answer(self, body: bytes) -> tuple[int, dict[str, Any], bytes]:
        """Returns the status, headers and body of its answer."""
        self.parse_parameters(self._as_moto_has_it(body))
        try:
            status, headers, text = self.call_action()
        except HTTPException as error:
            status, headers, text = error.code or 400, dict(error.get_headers()), error.get_body()
        return int(status), {**headers}, text.encode() if isinstance(text, str) else text

    def parse_parameters(self, request: Any) -> None:
        """Reads what is asked for."""
        if AWKWARD.search(request.data):
            super().parse_parameters(request)
            return
        try:
            self.params: Any = json.loads(request.data)
        except ValueError:
            super().parse_parameters(request)

    def _authenticate_and_authorize_normal_action(self, _resource: str = "*") -> None:
        """Leaves permissions to `local.aws.permissions`, where moto would count its calls."""

    @staticmethod
    def _enrich_response(headers: dict[str, Any], body: Any) -> tuple[dict[str, Any], Any]:
        """Adds the request's id, which moto looks for in a body of XML as well."""
        request_id(headers)
        return headers, body

    def _as_moto_has_it(self, body: bytes) -> Any:
        return SimpleNamespace(
            method="POST",
            path="/",
            values={},
            headers=self.headers,
            data=body,
            content_type=self.headers.get("Content-Type", ""),
        )


def dynamodb_app(account: str, region: str) -> App:
    """Answers DynamoDB's calls of a stack."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        asked = {
            "X-Amz-Target": environ["HTTP_X_AMZ_TARGET"],
            "Content-Type": environ.get("CONTENT_TYPE", ""),
        }
        request = Request(account, region, asked)
        status, headers, body = request.answer(environ["wsgi.input"].read())
        headers.pop("status", None)
        sent = {**headers, "Content-Length": len(body)}
        start_response(
            f"{status} {HTTPStatus(status).phrase}",
            [(name, str(value)) for name, value in sent.items()],
        )
        return [body]

    return answer
