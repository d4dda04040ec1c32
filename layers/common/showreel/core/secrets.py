"""Secrets by ARN, read once in five minutes per process."""

import json
from typing import Any

MAX_AGE_SECONDS = 300


def secret(arn: str) -> dict[str, Any]:
    """The JSON object that the secret holds. Raises Transient when it can't be read."""
    from aws_lambda_powertools.utilities.parameters import SecretsProvider
    from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

    from showreel.core.aws import client
    from showreel.core.errors import Transient

    provider = _PROVIDERS.setdefault(
        "secrets", SecretsProvider(boto3_client=client("secretsmanager"))
    )
    try:
        return dict(json.loads(str(provider.get(arn, max_age=MAX_AGE_SECONDS))))
    except GetParameterError as error:
        raise Transient("a secret can't be read") from error


_PROVIDERS: dict[str, Any] = {}
