"""DynamoDB in a test's own process, without HTTP between the client and moto.

botocore checks a request's parameters and writes its JSON, moto parses and answers it. Left out
are signatures, headers, URLs, two kinds of request objects, the search for the service, and an
answer's JSON: half of what a call computes. `tests/unit/tools/test_direct.py` compares the answers
with those of HTTP.
"""

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from botocore.parsers import create_parser
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
    # no URL is asked, so none is made of the rules for it
    client._resolve_endpoint_ruleset = lambda *_, **__: (client.meta.endpoint_url, {}, {})


def tell_secrets_directly(client: Any, region: str) -> None:
    """Has moto tell secrets that there are without a request over HTTP."""
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
