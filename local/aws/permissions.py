"""What the template's roles let each function do, held against what it really calls.

Allow statements are looked at, their actions and resources with wildcards. A call that none of
them covers is refused as IAM refuses it; what is granted and never used is reported at the end.
Conditions and Deny statements are not looked at.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import fnmatch
import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from local.lambdas.functions import FunctionSpec
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


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource (both may have wildcards) that a function's role allows."""

    function: str
    action: str
    resource: str

    def covers(self, use: Use) -> bool:
        """True if the grant allows the use."""
        return fnmatch.fnmatchcase(use.action.lower(), self.action.lower()) and (
            use.resource == ANY_RESOURCE or fnmatch.fnmatchcase(use.resource, self.resource)
        )


class Permissions:
    """What the functions' roles grant, what was used of it, and what was lacking."""

    def __init__(self, region: str, account: str) -> None:
        self.region = region
        self.account = account
        self.grants: dict[str, list[Grant]] = defaultdict(list)
        self._verdicts: dict[Use, bool] = {}
        self._used: set[Grant] = set()
        self._lock = threading.Lock()

    def load(self, template: Template, specs: Mapping[str, FunctionSpec]) -> None:
        """Reads every function's role."""
        roles = {template.lookup(name, "Arn"): name for name in template.of_type("AWS::IAM::Role")}
        for name, spec in specs.items():
            role = roles[template.properties(name)["Role"]]
            for action, resource in role_grants(template, role):
                self.grants[spec.folder].append(Grant(spec.folder, action, resource))

    def missing(self) -> list[Use]:
        """Returns what functions tried without permission so far."""
        with self._lock:
            return sorted(use for use, allowed in self._verdicts.items() if not allowed)

    def used(self) -> list[Grant]:
        """Returns the grants that something so far needed."""
        with self._lock:
            return sorted(self._used)

    def refused(self, function: str, service: str, operation: str, environ: Environ) -> Use | None:
        """Returns the first thing about a call that the function's role doesn't allow, if any."""
        uses = self._uses(function, service, operation, environ)
        return next((use for use in uses if not self.allows(use)), None)

    def allows(self, use: Use) -> bool:
        """True if a grant of the function covers the use; noted either way."""
        with self._lock:
            if use not in self._verdicts:
                covering = {grant for grant in self.grants[use.function] if grant.covers(use)}
                self._used |= covering
                self._verdicts[use] = bool(covering)
            return self._verdicts[use]

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
        if service == "sqs":
            name = str(request.get("QueueUrl", "")).rpartition("/")[2]
            return f"arn:aws:sqs:{self.region}:{self.account}:{name}"
        fields = RESOURCE_FIELDS.get(service, ())
        return next((str(request[name]) for name in fields if name in request), ANY_RESOURCE)

    def _s3(self, function: str, operation: str, environ: Environ) -> Iterator[Use]:
        bucket, _, key = environ["PATH_INFO"].lstrip("/").partition("/")
        action = S3_ACTIONS.get(operation, operation)
        keys = _keys_to_delete(environ) if operation == "DeleteObjects" else [key]
        for name in keys:
            path = f"{bucket}/{name}" if name else bucket
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


def _keys_to_delete(environ: Environ) -> list[str]:
    """Returns the keys in the XML body of DeleteObjects."""
    body = environ["wsgi.input"]
    document = ET.fromstring(body.read())  # noqa: S314  # botocore wrote it
    body.seek(0)
    return [node.text or "" for node in document.iter() if node.tag.endswith("Key")]


def role_grants(template: Template, role: str) -> Iterator[tuple[str, str]]:
    """Action and resource of everything that a role's own policies allow.

    AWS's managed policies (logs, traces) are of no concern: functions don't make those calls here.
    """
    properties = template.properties(role)
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    documents += [
        template.properties(policy["Ref"])["PolicyDocument"]
        for policy in template.raw_properties(role).get("ManagedPolicyArns", [])
        if isinstance(policy, dict) and policy.get("Ref") in template.resources
    ]
    for document in documents:
        for statement in _listed(document["Statement"]):
            if statement["Effect"] == "Allow":
                for action in _listed(statement["Action"]):
                    for resource in _listed(statement["Resource"]):
                        yield action, resource


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
