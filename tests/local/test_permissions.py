"""What functions do is held against their roles."""

import json
import uuid

import pytest

from local.aws.permissions import ANY_RESOURCE, Grant, Use
from local.stack import FunctionFailed, Stack
from tests.local.conftest import control


def test_a_call_that_no_policy_allows_is_denied_and_noted(small: Stack) -> None:
    with pytest.raises(FunctionFailed, match="AccessDenied"):
        small.invoke("task", {"key": str(uuid.uuid4()), "write": True})
    missing = {use.action for use in small.permissions.missing() if use.function == "task"}
    assert "s3:PutObject" in missing
    noted = control(small, "GET", "permissions")["missing"]
    assert {"function", "action", "resource"} == set(noted[0])


def test_the_stack_itself_needs_no_permission(small: Stack) -> None:
    small.clients.dynamodb.scan(TableName=small.variable("TABLE"))
    assert "dynamodb:Scan" not in {use.action for use in small.permissions.missing()}


def test_a_grant_counts_as_used_once_a_call_needed_it(small: Stack) -> None:
    table = f"arn:aws:dynamodb:*:table/{small.variable('TABLE')}"
    small.invoke("task", {"key": str(uuid.uuid4())})
    used = {grant.action for grant in small.permissions.used() if grant.function == "task"}
    assert "dynamodb:UpdateItem" in used
    assert Grant("task", "dynamodb:PutItem", table) not in small.permissions.used()
    assert json.dumps(control(small, "GET", "permissions")["used"])


def test_a_missing_object_is_denied_to_who_may_not_list_the_bucket(small: Stack) -> None:
    with pytest.raises(FunctionFailed, match="AccessDenied"):
        small.invoke("task", {"key": "absent", "read": f"nothing/{uuid.uuid4()}"})


def test_wildcards() -> None:
    grant = Grant("f", "s3:Get*", "arn:aws:s3:::b/*")
    assert grant.covers(Use("f", "s3:GetObject", "arn:aws:s3:::b/a/c"))
    assert not grant.covers(Use("f", "s3:PutObject", "arn:aws:s3:::b/a"))
    assert not grant.covers(Use("f", "s3:GetObject", "arn:aws:s3:::other/a"))
    assert grant.covers(Use("f", "s3:GetObject", ANY_RESOURCE))
