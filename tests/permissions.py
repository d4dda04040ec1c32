"""What the functions' roles grant and no test used, collected from all stacks of a whole run.

A role that allows more than the code needs is found here, since every function runs in the suite.
Each worker process tells what its stacks used; the run fails at its end for what nobody used.
"""

import re

import pytest

from local.permissions import Grant
from local.stack import Stack

Rows = list[tuple[str, str, str]]
USED = pytest.StashKey[set[Grant]]()
GRANTED = pytest.StashKey[set[Grant]]()
WORKER_KEYS = {"permissions_used": USED, "permissions_granted": GRANTED}

BY_LAMBDA_ITSELF = "Lambda sends by the role what it gave up; here the stack does it in its name"
UNUSED_FOR_A_REASON: dict[tuple[str, str], str] = {
    ("every_minute", "sqs:SendMessage"): BY_LAMBDA_ITSELF,
    ("on_execution_ended", "sqs:SendMessage"): BY_LAMBDA_ITSELF,
}
"""Function and action: why it is granted though no test needs it."""


def note(config: pytest.Config, stack: Stack) -> None:
    """At the end of a stack of the product: nothing was denied; what was used is remembered."""
    assert stack.permissions.missing() == []
    granted = [grant for grants in stack.permissions.grants.values() for grant in grants]
    _remember(config, USED, map(anonymous, stack.permissions.used()))
    _remember(config, GRANTED, map(anonymous, granted))


def anonymous(grant: Grant) -> Grant:
    """Without what differs from stack to stack: the account, the random end of a secret's ARN."""
    resource = re.sub(r"\d{12}", "account", grant.resource)
    return Grant(grant.function, grant.action, re.sub(r"(Secret)-\w{6}$", r"\1", resource))


def _remember(config: pytest.Config, key: pytest.StashKey[set[Grant]], grants: object) -> None:
    config.stash.setdefault(key, set()).update(grants)  # type: ignore[arg-type]


def tell(config: pytest.Config) -> None:
    """In a worker process: hands what was noted to the process that started it."""
    for name, key in WORKER_KEYS.items():
        rows = [(g.function, g.action, g.resource) for g in config.stash.get(key, set())]
        config.workeroutput[name] = rows  # type: ignore[attr-defined]  # pytest-xdist's


def hear(config: pytest.Config, output: dict[str, Rows]) -> None:
    """In that process: takes what a worker tells."""
    for name, key in WORKER_KEYS.items():
        _remember(config, key, (Grant(*row) for row in output.get(name, [])))


def unused(config: pytest.Config) -> list[Grant]:
    """What was granted and neither used nor excused."""
    granted = config.stash.get(GRANTED, set())
    needless = granted - config.stash.get(USED, set())
    return sorted(g for g in needless if (g.function, g.action) not in UNUSED_FOR_A_REASON)
