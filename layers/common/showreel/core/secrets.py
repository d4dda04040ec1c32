"""Secrets and parameters, each kept for five minutes per process.

Powertools has this too, behind an import of boto3 and of every kind of provider.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from showreel.core.aws import client
from showreel.core.errors import Transient

MAX_AGE_SECONDS = 300
_kept: dict[str, tuple[float, str]] = {}
"""Texts by name, each with the time when it expires, in seconds of `time.monotonic`."""


def secret(arn: str) -> dict[str, Any]:
    """Returns the secret's JSON object. Raises Transient when it can't be read."""
    return dict(json.loads(_text(arn, _read_secret)))


def parameter(name: str) -> str:
    """Returns the text of an SSM parameter. Raises Transient when it can't be read."""
    return _text(name, _read_parameter)


def _text(name: str, read: Callable[[str], str]) -> str:
    until, text = _kept.get(name, (0.0, ""))
    if time.monotonic() < until:
        return text
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        text = read(name)
    except (BotoCoreError, ClientError) as error:
        raise Transient("a secret or parameter can't be read") from error
    _kept[name] = (time.monotonic() + MAX_AGE_SECONDS, text)
    return text


def _read_secret(arn: str) -> str:
    return str(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


def _read_parameter(name: str) -> str:
    return str(client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
