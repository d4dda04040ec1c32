"""What the template says about the API: stage, routes, mocks, CORS, gateway responses."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.functions import FunctionSpec
from local.template import Template

DEFAULT_TIMEOUT_SECONDS = 29.0
ANY = "ANY"


@dataclass(frozen=True)
class Mock:
    """A mock integration: a fixed status, headers and a body with `$context` variables."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Target:
    """What answers a method of a path: a function or a mock."""

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
        """What answers the method, if anything does."""
        return self.methods.get(method) or self.methods.get(ANY)


@dataclass(frozen=True)
class Cors:
    """The preflight's answer, quotes taken off."""

    origin: str
    headers: Mapping[str, str]


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
    cors: Cors | None = None
    responses: dict[str, GatewayResponse] = field(default_factory=dict)
    binary_media_types: tuple[str, ...] = ()

    def resource(self, path: str) -> Resource:
        """The resource of a path, made if new."""
        return self.resources.setdefault(path, Resource(path))

    def match(self, path: str) -> tuple[Resource, dict[str, str]] | None:
        """The most specific resource for a request path, with its path parameters."""
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
    """The stage that every path begins with."""
    declared = template.of_type("AWS::Serverless::Api")
    return str(next(iter(declared.values()), {}).get("StageName", "Prod"))


def load_api(template: Template, specs: Mapping[str, FunctionSpec]) -> Api:
    """The template's REST API (the first, if there are several; none: no routes)."""
    declared = template.of_type("AWS::Serverless::Api")
    properties = next(iter(declared.values()), {})
    api = Api(stage_name(template))
    api.binary_media_types = tuple(
        kind.replace("~1", "/") for kind in properties.get("BinaryMediaTypes", [])
    )
    api.cors = _cors(properties.get("Cors"))
    api.responses = {
        kind: _gateway_response(given)
        for kind, given in properties.get("GatewayResponses", {}).items()
    }
    _read_definition(api, properties.get("DefinitionBody", {}), specs)
    _read_events(api, template, specs)
    return api


def _read_definition(api: Api, body: Mapping[str, Any], specs: Mapping[str, FunctionSpec]) -> None:
    for path, methods in body.get("paths", {}).items():
        for method, operation in methods.items():
            integration = operation.get("x-amazon-apigateway-integration")
            if integration is None:
                continue
            name = ANY if method == "x-amazon-apigateway-any-method" else method.upper()
            api.resource(path).methods[name] = _integration(integration, specs)


def _integration(integration: Mapping[str, Any], specs: Mapping[str, FunctionSpec]) -> Target:
    if integration["type"].lower() == "mock":
        return Target(mock=_mock(integration))
    timeout_seconds = integration.get("timeoutInMillis", 29_000) / 1000
    streamed = integration.get("responseTransferMode") == "STREAM"
    for spec in specs.values():
        if f"{spec.arn}/invocations" in integration["uri"]:
            return Target(spec.name, streamed=streamed, timeout_seconds=timeout_seconds)
    raise ValueError(f"no function for {integration['uri']}")


def _mock(integration: Mapping[str, Any]) -> Mock:
    request = json.loads(integration["requestTemplates"]["application/json"])
    answers = integration["responses"]
    chosen = next(
        (
            answer
            for pattern, answer in answers.items()
            if pattern != "default" and re.fullmatch(pattern, str(request["statusCode"]))
        ),
        answers.get("default", {"statusCode": "500"}),
    )
    prefix = "method.response.header."
    headers = {
        name.removeprefix(prefix): unquoted(value)
        for name, value in chosen.get("responseParameters", {}).items()
    }
    body = chosen.get("responseTemplates", {}).get("application/json", "")
    return Mock(int(chosen["statusCode"]), headers, body)


def _read_events(api: Api, template: Template, specs: Mapping[str, FunctionSpec]) -> None:
    for name, spec in specs.items():
        for event in template.properties(name).get("Events", {}).values():
            if event["Type"] == "Api":
                _read_event(api, spec, event["Properties"])


def _read_event(api: Api, spec: FunctionSpec, properties: Mapping[str, Any]) -> None:
    streamed = properties.get("ResponseTransferMode") == "RESPONSE_STREAM"
    timeout_seconds = properties.get("TimeoutInMillis", DEFAULT_TIMEOUT_SECONDS * 1000) / 1000
    target = Target(spec.name, streamed=streamed, timeout_seconds=timeout_seconds)
    api.resource(properties["Path"]).methods[properties["Method"].upper()] = target


def _cors(given: Any) -> Cors | None:
    if given is None:
        return None
    if isinstance(given, str):
        given = {"AllowOrigin": given}
    names = {
        "AllowMethods": "Access-Control-Allow-Methods",
        "AllowHeaders": "Access-Control-Allow-Headers",
        "MaxAge": "Access-Control-Max-Age",
    }
    headers = {names[key]: unquoted(str(value)) for key, value in given.items() if key in names}
    if given.get("AllowCredentials"):
        headers["Access-Control-Allow-Credentials"] = "true"
    return Cors(unquoted(given.get("AllowOrigin", "'*'")), headers)


def _gateway_response(given: Mapping[str, Any]) -> GatewayResponse:
    headers = given.get("ResponseParameters", {}).get("Headers", {})
    status = given.get("StatusCode")
    return GatewayResponse(
        None if status is None else int(status),
        {name: unquoted(str(value)) for name, value in headers.items()},
        given.get("ResponseTemplates", {}).get("application/json"),
    )


def unquoted(value: str) -> str:
    """`'*'` without its quotes."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == "'" else value
