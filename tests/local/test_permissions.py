"""What functions do is held against the template's policies."""

import uuid

from local.permissions import Statement, Use
from local.stack import Stack
from tests.local.conftest import control


def test_what_no_policy_allows_is_noted(small: Stack) -> None:
    small.invoke("task", {"key": str(uuid.uuid4()), "write": True})
    missing = {use.action for use in small.permissions.missing() if use.function == "task"}
    assert missing == {"s3:PutObject"}
    noted = control(small, "GET", "permissions")["missing"]
    assert {"function", "action", "resource"} == set(noted[0])


def test_the_stack_itself_needs_no_permission(small: Stack) -> None:
    small.clients.dynamodb.scan(TableName=small.variable("TABLE"))
    assert "dynamodb:Scan" not in {use.action for use in small.permissions.missing()}


def test_wildcards() -> None:
    statement = Statement(("s3:Get*",), ("arn:aws:s3:::b/*",))
    assert statement.allows(Use("f", "s3:GetObject", "arn:aws:s3:::b/a/c"))
    assert not statement.allows(Use("f", "s3:PutObject", "arn:aws:s3:::b/a"))
    assert not statement.allows(Use("f", "s3:GetObject", "arn:aws:s3:::other/a"))
    assert statement.allows(Use("f", "s3:GetObject", ""))
