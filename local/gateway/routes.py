"""What the transformed template says about the API: stage, routes, mocks, gateway responses."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.aws.permissions import role_grants
from local.gateway.importing import (
    ANY_METHOD,
    HEADER,
    INTEGRATION,
    LAMBDA_URI,
    ImportRefused,
    Invokers,
    check_import,
    check_permissions,
    operations,
)
from local.gateway.throttling import Throttle
from local.lambdas.functions import FunctionSpec
from local.names import API_ID
from local.template import Template

DEFAULT_TIMEOUT_SECONDS = 29.0
ANY = "ANY"


@dataclass(frozen=True)
class MockAnswer:
    """Status, headers and a body with `$context` variables."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Mock:
    """A mock integration: the request's template, by content type, chooses the answer.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
    """

    statuses: Mapping[str, str]
    """The status that the template of a content type names."""
    passthrough: str
    """What becomes of a body of another type: `when_no_match` passes it on, which a mock can't
    read; `never` and `when_no_templates` refuse it.
    """
    answers: Mapping[str, MockAnswer]

    def answer(self, content_type: str) -> MockAnswer | str:
        """Returns the answer to a request of a content type, or the kind of gateway response
        instead.
        """
        kind = content_type.partition(";")[0].strip().lower() or "application/json"
        status = self.statuses.get(kind)
        if status is None:
            refused = self.passthrough in {"never", "when_no_templates"}
            return "UNSUPPORTED_MEDIA_TYPE" if refused else "DEFAULT_5XX"
        for pattern, answer in self.answers.items():
            if pattern != "default" and re.fullmatch(pattern, status):
                return answer
        return self.answers.get("default", "DEFAULT_5XX")


@dataclass(frozen=True)
class Target:
    """What answers a method of a path: a function (by the ARN of its alias) or a mock."""

    function: str = ""
    mock: Mock | None = None
    streamed: bool = False
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS


@dataclass
class Resource:
    """A path of the API with its methods."""

    path: str
    methods: dict[str, Target] = field(default_factory=dict)

    def target(self, method: str) -> Target | None:
        """Returns what answers the method, if anything does."""
        return self.methods.get(method) or self.methods.get(ANY)


@dataclass(frozen=True)
class GatewayResponse:
    """How the gateway words an answer of its own."""

    status: int | None
    headers: Mapping[str, str]
    template: str | None


@dataclass
class Api:
    """Everything the gateway needs to know."""

    stage: str
    resources: dict[str, Resource] = field(default_factory=dict)
    responses: dict[str, GatewayResponse] = field(default_factory=dict)
    binary_media_types: tuple[str, ...] = ()
    throttle: Throttle = field(default_factory=Throttle)

    def resource(self, path: str) -> Resource:
        """Returns the resource of a path, made if new."""
        return self.resources.setdefault(path, Resource(path))

    def match(self, path: str) -> tuple[Resource, dict[str, str]] | None:
        """Returns the most specific resource for a request path, with its path parameters."""
        best: tuple[list[int], Resource, dict[str, str]] | None = None
        parts = path.strip("/").split("/")
        for resource in self.resources.values():
            found = _match(resource.path.strip("/").split("/"), parts)
            if found is not None and (best is None or found[0] < best[0]):
                best = (found[0], resource, found[1])
        return None if best is None else (best[1], best[2])


def _match(pattern: list[str], parts: list[str]) -> tuple[list[int], dict[str, str]] | None:
    """Rank (smaller is more specific) and parameters, or None."""
    rank: list[int] = []
    parameters: dict[str, str] = {}
    for position, piece in enumerate(pattern):
        if piece.endswith("+}"):
            rest = "/".join(parts[position:])
            return ([*rank, 2], parameters | {piece[1:-2]: rest}) if rest else None
        if position >= len(parts):
            return None
        if piece.startswith("{"):
            if not parts[position]:
                return None
            parameters[piece[1:-1]] = parts[position]
        elif piece != parts[position]:
            return None
        rank.append(1 if piece.startswith("{") else 0)
    return (rank, parameters) if len(parts) == len(pattern) else None


def stage_name(template: Template) -> str:
    """Returns the stage that every path begins with."""
    return str(_stage(template).get("StageName", ""))


def _stage(template: Template) -> Mapping[str, Any]:
    return next(iter(template.of_type("AWS::ApiGateway::Stage").values()), {})


def load_api(template: Template, specs: Mapping[str, FunctionSpec]) -> Api:
    """Returns the template's REST API, exactly what SAM's transform put into its
    definition.

    A template without one has no routes. Raises ImportRefused for a definition that API Gateway
    would not take.
    """
    declared = template.of_type("AWS::ApiGateway::RestApi")
    body: Mapping[str, Any] = next((api["Body"] for api in declared.values()), {})
    check_import(body)
    check_permissions(body, _invokers(template), API_ID)
    api = Api(stage_name(template), throttle=Throttle(_stage(template).get("MethodSettings", ())))
    api.binary_media_types = tuple(body.get("x-amazon-apigateway-binary-media-types", []))
    responses = body.get("x-amazon-apigateway-gateway-responses", {})
    api.responses = {kind: _gateway_response(given) for kind, given in responses.items()}
    for path, method, operation in operations(body):
        name = ANY if method == ANY_METHOD else method.upper()
        api.resource(path).methods[name] = _integration(operation[INTEGRATION], specs)
    return api


def _invokers(template: Template) -> Invokers:
    roles = {
        template.lookup(name, "Arn"): list(role_grants(template, name))
        for name, role in template.of_type("AWS::IAM::Role").items()
        if "apigateway.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"])
    }
    return Invokers(list(template.of_type("AWS::Lambda::Permission").values()), roles)


def _integration(integration: Mapping[str, Any], specs: Mapping[str, FunctionSpec]) -> Target:
    if integration["type"].lower() == "mock":
        return Target(mock=_mock(integration))
    found = LAMBDA_URI.search(integration["uri"])
    arn = found[1] if found else ""
    if not any(spec.is_named_by(arn) for spec in specs.values()):
        raise ImportRefused(f"no such function: {arn}")
    timeout_seconds = integration.get("timeoutInMillis", DEFAULT_TIMEOUT_SECONDS * 1000) / 1000
    streamed = integration.get("responseTransferMode") == "STREAM"
    return Target(arn, streamed=streamed, timeout_seconds=timeout_seconds)


def _mock(integration: Mapping[str, Any]) -> Mock:
    templates = integration.get("requestTemplates", {})
    return Mock(
        {kind: str(json.loads(text)["statusCode"]) for kind, text in templates.items()},
        integration.get("passthroughBehavior", "when_no_match").lower(),
        {pattern: _mock_answer(given) for pattern, given in integration["responses"].items()},
    )


def _mock_answer(given: Mapping[str, Any]) -> MockAnswer:
    headers = {
        name.removeprefix(HEADER): unquoted(value)
        for name, value in given.get("responseParameters", {}).items()
    }
    body = given.get("responseTemplates", {}).get("application/json", "")
    return MockAnswer(int(given["statusCode"]), headers, body)


def _gateway_response(given: Mapping[str, Any]) -> GatewayResponse:
    prefix = "gatewayresponse.header."
    status = given.get("statusCode")
    return GatewayResponse(
        None if status is None else int(status),
        {
            name.removeprefix(prefix): unquoted(str(value))
            for name, value in given.get("responseParameters", {}).items()
        },
        given.get("responseTemplates", {}).get("application/json"),
    )


def unquoted(value: str) -> str:
    """`'*'` without its quotes."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == "'" else value
