"""AWS clients: made on first use, one of a kind per process."""

import functools
from typing import Any

CONNECT_TIMEOUT_SECONDS = 3
READ_TIMEOUT_SECONDS = 15


@functools.cache
def client(service: str) -> Any:
    """A boto3 client. Signs S3 URLs with `s3v4` for the regional virtual-host endpoint.

    The default client may sign v2 and leaves the length out of the signature.
    """
    import boto3
    from botocore.config import Config

    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "read_timeout": READ_TIMEOUT_SECONDS,
        "retries": {"mode": "standard", "total_max_attempts": 4},
    }
    if service == "s3":
        options |= {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}
    return boto3.client(service, config=Config(**options))  # type: ignore[call-overload]  # any service


def state_machine_arn(function_arn: str, name: str) -> str:
    """The ARN of the state machine `name` beside the function `function_arn`.

    Built by name, because an environment variable that refers to the machine would close a cycle
    in the template (machine → function → machine).
    """
    _, partition, _, region, account, *_ = function_arn.split(":")
    return f"arn:{partition}:states:{region}:{account}:stateMachine:{name}"
