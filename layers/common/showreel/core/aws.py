"""AWS clients: made on first use, one per service and process.

They are botocore's, with a copy of its data reduced to the operations that Showreel calls
(`aws_models/`, written by `tools.aws_models`): listing and parsing the data of every service, and
importing boto3, took a quarter of a cold start. A test fails if the copy differs from botocore's.
"""

import functools
from collections.abc import Container
from pathlib import Path
from typing import Any

CONNECT_TIMEOUT_SECONDS = 3
READ_TIMEOUT_SECONDS = 15
MODELS = Path(__file__).with_name("aws_models")


@functools.cache
def client(service: str) -> Any:
    """Returns a botocore client. S3's signs with `s3v4` for the regional virtual-host endpoint.

    By default botocore may sign with v2, which leaves the length out of the signature. The user
    agent is fixed: botocore would build one for each call, and only CloudTrail reads it.
    """
    from botocore import __version__
    from botocore.config import Config

    options: dict[str, Any] = {
        "user_agent": f"showreel Botocore/{__version__}",
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "read_timeout": READ_TIMEOUT_SECONDS,
        "retries": {"mode": "standard", "total_max_attempts": 4},
    }
    if service == "s3":
        options |= {"signature_version": "s3v4", "s3": {"addressing_style": "virtual"}}
    return session().create_client(service, config=Config(**options))


@functools.cache
def session() -> Any:
    """Returns the session of all clients, which share its credentials and parsed data.

    Its emitter takes event names as they are. botocore's own looks each up among the former names
    of services; none of the handlers registered here needs that (a test compares them).
    """
    from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST, REGISTER_LAST
    from botocore.hooks import HierarchicalEmitter
    from botocore.loaders import Loader
    from botocore.session import Session

    class Models(Loader):
        """A loader of the data in `MODELS` alone; the endpoint rules are part of it."""

        BUILTIN_DATA_PATH = str(MODELS)

    events = HierarchicalEmitter()
    registers = {REGISTER_FIRST: events.register_first, REGISTER_LAST: events.register_last}
    services = {"", "*", *(folder.name for folder in MODELS.iterdir())}
    for name, handler, *section in BUILTIN_HANDLERS:
        if _is_ours(name, services):
            register = registers[section[0]] if section else events.register
            register(name, handler)
    made = Session(event_hooks=events, include_builtin_handlers=False)
    made.register_component("event_emitter", events)
    made.register_component("data_loader", Models())
    return made


def _is_ours(event: str, services: Container[str]) -> bool:
    """Returns whether one of our clients may emit the event: no documentation, no other service."""
    kind, _, rest = event.partition(".")
    return kind not in {"docs", "getattr"} and rest.partition(".")[0] in services


def state_machine_arn(function_arn: str, name: str) -> str:
    """Returns the ARN of the state machine `name` in the account and region of `function_arn`.

    Built by name, because an environment variable with the ARN would make the template circular
    (machine → function → machine).
    """
    _, partition, _, region, account, *_ = function_arn.split(":")
    return f"arn:{partition}:states:{region}:{account}:stateMachine:{name}"
