"""Refuses what API Gateway refuses when it imports and deploys an OpenAPI definition.

Each finding is worded like AWS's own error, so that a search leads to its cure. The rules:
https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
"""

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

INTEGRATION = "x-amazon-apigateway-integration"
ANY_METHOD = "x-amazon-apigateway-any-method"
HEADER = "method.response.header."
PATH_PART = re.compile(r"[A-Za-z0-9._:~$-]+|\{[A-Za-z0-9._-]+\+?\}")
LAMBDA_URI = re.compile(r":lambda:path/[\d-]+/functions/(.+)/(response-streaming-)?invocations$")
LEAST_TIMEOUT_MS = 50
BUFFERED_TIMEOUT_MS = 29_000
"""The default quota of a buffered integration; a streamed one may take 15 minutes."""
STREAMED_TIMEOUT_MS = 900_000


class ImportRefused(ValueError):
    """API Gateway would not take the definition, or could not call what it names."""


def check_import(body: Mapping[str, Any]) -> None:
    """Raises ImportRefused with every finding."""
    if found := list(findings(body)):
        raise ImportRefused("; ".join(found))


def findings(body: Mapping[str, Any]) -> Iterator[str]:
    """Yields what is wrong with a definition, a sentence each."""
    paths = body.get("paths", {})
    yield from _paths(paths)
    for path, method, operation in operations(body):
        where = f"{method.upper() if method != ANY_METHOD else 'ANY'} {path}"
        if INTEGRATION not in operation:
            yield f"No integration defined for method: {where}"
        else:
            yield from _integration(where, operation)


def operations(body: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of everything in the definition."""
    for path, methods in body.get("paths", {}).items():
        for method, operation in methods.items():
            yield path, method, operation


def _paths(paths: Mapping[str, Any]) -> Iterator[str]:
    variables: dict[str, set[str]] = {}
    for path in paths:
        parts = path.strip("/").split("/")
        for position, part in enumerate(parts):
            if part and not PATH_PART.fullmatch(part):
                yield f"Resource's path part is not allowed: {part!r} in {path}"
            if part.endswith("+}") and position < len(parts) - 1:
                yield f"A greedy path variable must be the last part: {path}"
            if part.startswith("{"):
                variables.setdefault("/".join(parts[:position]), set()).add(part)
    for parent, found in variables.items():
        if len(found) > 1:
            yield (
                f"A sibling of this resource already has a variable path part -- only one is "
                f"allowed: {', '.join(sorted(found))} below /{parent}"
            )


def _integration(where: str, operation: Mapping[str, Any]) -> Iterator[str]:
    integration = operation[INTEGRATION]
    declared = {str(status): given for status, given in operation.get("responses", {}).items()}
    for answer in integration.get("responses", {}).values():
        status = str(answer.get("statusCode", ""))
        if status not in declared:
            yield f"Output mapping refers to an invalid method response: {status} of {where}"
            continue
        headers = {name.lower() for name in declared[status].get("headers", {})}
        for mapping in answer.get("responseParameters", {}):
            if mapping.startswith(HEADER) and mapping.removeprefix(HEADER).lower() not in headers:
                yield f"Invalid mapping expression parameter specified: {mapping} of {where}"
    if integration["type"].lower() == "aws_proxy":
        yield from _proxy(where, integration)


def _proxy(where: str, integration: Mapping[str, Any]) -> Iterator[str]:
    found = LAMBDA_URI.search(integration.get("uri", ""))
    streamed = integration.get("responseTransferMode", "BUFFERED") == "STREAM"
    if found is None:
        yield f"Invalid lambda function: {integration.get('uri')} of {where}"
    elif streamed is not bool(found[2]):
        yield f"The transfer mode doesn't go with the integration's URI: {where}"
    most = STREAMED_TIMEOUT_MS if streamed else BUFFERED_TIMEOUT_MS
    timeout_ms = int(integration.get("timeoutInMillis", BUFFERED_TIMEOUT_MS))
    if not LEAST_TIMEOUT_MS <= timeout_ms <= most:
        yield f"Timeout should be between {LEAST_TIMEOUT_MS} ms and {most} ms: {where}"


@dataclass(frozen=True)
class Invokers:
    """Who lets API Gateway invoke functions: roles that it assumes, and functions' own policies.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
    """

    permissions: Sequence[Mapping[str, Any]]
    """The template's AWS::Lambda::Permission resources."""
    roles: Mapping[str, Sequence[tuple[str, str]]]
    """By ARN, each role's allowed pairs of action and resource; only roles that API Gateway may
    assume."""

    def permit(self, function_arn: str, credentials: str | None, source: str) -> bool:
        """True if an integration with these credentials may call the function.

        With a role, the functions' own policies don't count.
        """
        if credentials is None:
            return any(_permits(one, function_arn, source) for one in self.permissions)
        return any(
            fnmatch.fnmatchcase("lambda:InvokeFunction", action)
            and fnmatch.fnmatchcase(function_arn, resource)
            for action, resource in self.roles.get(credentials, ())
        )


def check_permissions(body: Mapping[str, Any], invokers: Invokers, api_id: str) -> None:
    """Raises ImportRefused if the API may not invoke a function that it names.

    AWS answers such a call with 500 ("Invalid permissions on Lambda function").
    """
    lacking = []
    for path, method, operation in operations(body):
        integration = operation[INTEGRATION]
        found = LAMBDA_URI.search(integration.get("uri", ""))
        if found is None:
            continue
        source = f"{api_id}/stage/{method.upper()}{re.sub(r'{[^}]+}', 'x', path)}"
        if not invokers.permit(found[1], integration.get("credentials"), source):
            lacking.append(f"Invalid permissions on Lambda function: {method.upper()} {path}")
    if lacking:
        raise ImportRefused("; ".join(lacking))


def _permits(permission: Mapping[str, Any], function_arn: str, source: str) -> bool:
    """True if the permission lets the API call the function: by ARN, or by name if unqualified."""
    named = str(permission["FunctionName"])
    return (
        permission["Principal"] == "apigateway.amazonaws.com"
        and (named == function_arn or function_arn.endswith(f":function:{named}"))
        and fnmatch.fnmatchcase(source, str(permission["SourceArn"]).split(":", 5)[5])
    )
