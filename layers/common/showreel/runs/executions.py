"""Calls of Step Functions, with one rule for its errors."""

from collections.abc import Set as AbstractSet
from typing import Any

from showreel.core.aws import client
from showreel.core.errors import Transient


def call_states(operation: str, expected_codes: AbstractSet[str], **request: str) -> Any:
    """The answer, or None for one of the errors that are expected. Raises Transient."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return getattr(client("stepfunctions"), operation)(**request)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in expected_codes:
            raise Transient(f"Step Functions: {code}") from error
    except BotoCoreError as error:
        raise Transient(f"Step Functions: {type(error).__name__}") from error
    return None
