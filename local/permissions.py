"""What the template's policies let each function do, held against what it really calls.

IAM is not emulated: only Allow statements, their actions and resources with wildcards. That finds
the commonest fault of a first deployment, a permission that was forgotten.
"""

import fnmatch
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.functions import FunctionSpec
from local.server import Environ
from local.template import Template

S3_ACTIONS = {
    "HeadObject": "GetObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "AbortMultipartUpload": "AbortMultipartUpload",
    "DeleteObjects": "DeleteObject",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
}
TRANSACTION_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
RESOURCE_FIELDS = {
    "secretsmanager": ("SecretId",),
    "states": ("stateMachineArn", "executionArn"),
}
ANY_RESOURCE = ""
"""The resource of a call that names none (`SendTaskSuccess` has a token): the action decides."""


@dataclass(frozen=True, order=True)
class Use:
    """An action on a resource by a function."""

    function: str
    action: str
    resource: str


@dataclass(frozen=True)
class Statement:
    """An Allow statement."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def allows(self, use: Use) -> bool:
        """True if the statement covers the use."""
        return any(
            fnmatch.fnmatch(use.action.lower(), pattern.lower()) for pattern in self.actions
        ) and (
            use.resource == ANY_RESOURCE
            or any(fnmatch.fnmatchcase(use.resource, pattern) for pattern in self.resources)
        )


class Permissions:
    """The functions' statements and the uses that none of them allows."""

    def __init__(self, region: str, account: str) -> None:
        self.region = region
        self.account = account
        self.statements: dict[str, list[Statement]] = {}
        self._missing: set[Use] = set()
        self._lock = threading.Lock()

    def load(self, template: Template, specs: Mapping[str, FunctionSpec]) -> None:
        """Reads every function's policies."""
        for name, spec in specs.items():
            policies = template.raw_properties(name).get("Policies", [])
            found = [one for policy in policies for one in _statements(template, policy)]
            self.statements[spec.folder] = self.statements.get(spec.folder, []) + found

    def missing(self) -> list[Use]:
        """What functions used without permission so far."""
        with self._lock:
            return sorted(self._missing)

    def check(self, function: str, service: str, operation: str, environ: Environ) -> bool:
        """False, and noted, when a call needs a permission that the function lacks."""
        lacking = {
            use
            for use in self._uses(function, service, operation, environ)
            if not any(statement.allows(use) for statement in self.statements.get(function, []))
        }
        with self._lock:
            self._missing |= lacking
        return not lacking

    def _uses(self, function: str, service: str, operation: str, environ: Environ) -> Iterator[Use]:
        if service == "s3":
            yield from self._s3(function, operation, environ)
            return
        body = environ["wsgi.input"]
        request: dict[str, Any] = json.loads(body.read() or b"{}")
        body.seek(0)
        if service == "dynamodb":
            yield from self._dynamodb(function, operation, request)
        elif service == "lambda":
            yield Use(function, "lambda:InvokeFunction", ANY_RESOURCE)
        else:
            yield Use(function, f"{service}:{operation}", self._resource(service, request))

    def _resource(self, service: str, request: Mapping[str, Any]) -> str:
        if service == "ssm":
            name = str(request.get("Name", "")).removeprefix("/")
            return f"arn:aws:ssm:{self.region}:{self.account}:parameter/{name}"
        fields = RESOURCE_FIELDS.get(service, ())
        return next((str(request[name]) for name in fields if name in request), ANY_RESOURCE)

    def _s3(self, function: str, operation: str, environ: Environ) -> Iterator[Use]:
        bucket, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
        action = S3_ACTIONS.get(operation, operation)
        path = f"{bucket}/{key}" if key else bucket
        if operation == "DeleteObjects":
            path = f"{bucket}/*"
        yield Use(function, f"s3:{action}", f"arn:aws:s3:::{path}")
        if operation == "CopyObject":
            source = environ["HTTP_X_AMZ_COPY_SOURCE"].lstrip("/").partition("?")[0]
            yield Use(function, "s3:GetObject", f"arn:aws:s3:::{source}")

    def _dynamodb(self, function: str, operation: str, request: dict[str, Any]) -> Iterator[Use]:
        for entry in request.get("TransactItems", []):
            kind, part = next(iter(entry.items()))
            action = TRANSACTION_ACTIONS[kind]
            yield Use(function, f"dynamodb:{action}", self._table(part["TableName"]))
        for table in request.get("RequestItems", {}):
            yield Use(function, f"dynamodb:{operation}", self._table(table))
        if "TableName" in request:
            table = self._table(request["TableName"], request.get("IndexName"))
            yield Use(function, f"dynamodb:{operation}", table)

    def _table(self, name: str, index: str | None = None) -> str:
        arn = f"arn:aws:dynamodb:{self.region}:{self.account}:table/{name}"
        return f"{arn}/index/{index}" if index else arn


def _statements(template: Template, policy: Any) -> Iterator[Statement]:
    """The Allow statements of one entry of a function's `Policies`."""
    if not isinstance(policy, dict):
        return
    if "Ref" in policy:
        if policy["Ref"] not in template.resources:
            return
        policy = template.raw_properties(policy["Ref"])["PolicyDocument"]
    if "Statement" not in policy:
        raise ValueError(f"{next(iter(policy))}: SAM's policy templates are not read here")
    for statement in template.resolve(policy)["Statement"]:
        if statement["Effect"] == "Allow":
            yield Statement(_listed(statement["Action"]), _listed(statement["Resource"]))


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
