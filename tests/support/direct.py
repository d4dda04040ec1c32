"""DynamoDB in a test's own process, without HTTP between the client and moto.

botocore checks a request's parameters, moto answers it. Left out are signatures, headers, URLs, two
kinds of request objects, the search for the service, an answer's JSON, and the way through the
shapes of a request's values: most of what a call computes.
`tests/unit/tools/test_direct.py` compares the answers with those of HTTP.
"""

import base64
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from botocore.parsers import create_parser
from botocore.validate import ParamValidator
from moto.core import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import secretsmanager_backends

from local.aws.dynamodb_direct import Request


def answer_directly(client: Any, region: str) -> None:
    """Has moto answer a client of DynamoDB without a request over HTTP."""
    parser = create_parser(client.meta.service_model.resolved_protocol)

    def make_request(operation: Any, request: Mapping[str, Any], _context: Any) -> Any:
        asked = _Request(DEFAULT_ACCOUNT_ID, region, request["headers"])
        status, _, body = asked.answer(request["body"])
        if asked.result is not None:
            members = operation.output_shape.members
            found = {name: of for name, of in asked.result.items() if name in members}
            return SimpleNamespace(status_code=200), {**found, "ResponseMetadata": {}}
        response = {"status_code": status, "headers": {}, "body": body}
        parsed = parser.parse(response, operation.output_shape)
        client._endpoint._add_modeled_error_fields(response, parsed, operation, parser)
        return SimpleNamespace(status_code=status), parsed

    client._make_request = make_request
    client._serializer = _Serializer(client._serializer)
    # no URL is asked, so none is made of the rules for it
    client._resolve_endpoint_ruleset = lambda *_, **__: (client.meta.endpoint_url, {}, {})


class _Serializer:
    """Writes the JSON of requests that botocore finds right."""

    def __init__(self, of: Any) -> None:
        self._whole, self._validator = of, _Validator()
        self._known: dict[str, Any] = {}

    def serialize_to_request(self, parameters: Any, operation: Any) -> Any:
        report = self._validator.validate(parameters, operation.input_shape)
        if operation.name not in self._known or report.has_errors():
            self._known[operation.name] = self._whole.serialize_to_request(parameters, operation)
        known = self._known[operation.name]
        body = json.dumps(parameters, default=_base64).encode()
        return {**known, "headers": dict(known["headers"]), "body": body}


class _Validator(ParamValidator):  # type: ignore[misc]
    """botocore's, which looks at texts, numbers and what holds them in many steps."""

    def _validate(self, params: Any, shape: Any, errors: Any, name: str) -> None:
        if shape.name != "AttributeValue" or not _is_right(params):
            super()._validate(params, shape, errors, name)

    def _validate_map(self, params: Any, shape: Any, errors: Any, name: str) -> None:
        if shape.value.name != "AttributeValue" or not _is_right({"M": params}):
            super()._validate_map(params, shape, errors, name)


def _is_right(value: Any) -> bool:
    """Whether this is surely a value of DynamoDB."""
    if type(value) is not dict or len(value) != 1:
        return False
    ((kind, content),) = value.items()
    if kind == "M":
        return type(content) is dict and all(
            type(name) is str and _is_right(of) for name, of in content.items()
        )
    if kind == "L":
        return type(content) is list and all(map(_is_right, content))
    return type(content) is _KINDS.get(kind)


_KINDS: dict[str, type] = {"S": str, "N": str, "BOOL": bool, "NULL": bool, "B": bytes}


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def read_secrets_directly(client: Any, region: str) -> None:
    """Has moto return the secrets that exist without a request over HTTP."""
    ask = client._make_request

    def make_request(operation: Any, request: Mapping[str, Any], context: Any) -> Any:
        secrets = secretsmanager_backends[DEFAULT_ACCOUNT_ID][region]
        name = json.loads(request["body"]).get("SecretId")
        if operation.name != "GetSecretValue" or not secrets._is_valid_identifier(name):
            return ask(operation, request, context)
        return SimpleNamespace(status_code=200), secrets.get_secret_value(name, None, None)

    client._make_request = make_request


class _Request(Request):
    """One request. `result` is what it would serialize; None: its answer is an error."""

    result: Any = None

    def serialized(self, action_result: Any) -> Any:
        if isinstance(action_result.result, Exception):
            return super().serialized(action_result)
        self.result = action_result.result
        return 200, {}, ""
