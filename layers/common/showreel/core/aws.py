"""AWS clients: made on first use, one of a kind per process.

botocore's, with a copy of its data cut down to the operations that Showreel calls (`aws_models/`,
written by `tools.aws_models`): listing and parsing the data of every service, and importing
boto3 above it, were a quarter of a cold start. Data that differs from botocore's fails a test.
"""

import functools
from pathlib import Path
from typing import Any

CONNECT_TIMEOUT_SECONDS = 3
READ_TIMEOUT_SECONDS = 15
MODELS = Path(__file__).with_name("aws_models")


@functools.cache
def client(service: str) -> Any:
    """Returns a botocore client. S3's signs with `s3v4` for the regional virtual-host endpoint.

    The default client may sign v2 and leaves the length out of the signature.
    """
    from botocore.config import Config

    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "read_timeout": READ_TIMEOUT_SECONDS,
        "retries": {"mode": "standard", "total_max_attempts": 4},
    }
    if service == "s3":
        options |= {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}
    return _session().create_client(service, config=Config(**options))


@functools.cache
def _session() -> Any:
    """Returns one for all clients: they share credentials and what was read of the data."""
    from botocore import handlers
    from botocore.loaders import Loader
    from botocore.session import Session

    class Models(Loader):
        """Ours in place of botocore's; endpoints are still found by the rules in them."""

        BUILTIN_DATA_PATH = str(MODELS)

    everybodys = handlers.BUILTIN_HANDLERS
    handlers.BUILTIN_HANDLERS = [one for one in everybodys if _is_ours(one[0])]
    try:
        session = Session()
    finally:
        handlers.BUILTIN_HANDLERS = everybodys
    session.register_component("data_loader", Models())
    return session


def _is_ours(event: str) -> bool:
    """Returns whether one of our clients may emit it: no documentation, and no other service's."""
    kind, _, rest = event.partition(".")
    service = rest.partition(".")[0]
    return kind not in {"docs", "getattr"} and (service in {"", "*"} or (MODELS / service).is_dir())


def state_machine_arn(function_arn: str, name: str) -> str:
    """The ARN of the state machine `name` beside the function `function_arn`.

    Built by name, because an environment variable that refers to the machine would close a cycle
    in the template (machine → function → machine).
    """
    _, partition, _, region, account, *_ = function_arn.split(":")
    return f"arn:{partition}:states:{region}:{account}:stateMachine:{name}"
