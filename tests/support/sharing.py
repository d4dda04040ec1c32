"""What the workers of a run share: a process of which they are forks, and one for their functions.

As a plugin (`-p tests.support.sharing`, in `make test`) it starts both before pytest reads
`conftest.py`: the three processes import at the same time.
"""

import os
from typing import Any

import pytest

from local.lambdas.processes import ForkServer, SharedSpawner
from local.settings import product_modules
from tests.support import forked

SPAWNER = "spawner"
_SHARED = pytest.StashKey[tuple[SharedSpawner, ForkServer]]()


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """In the main process of a run with the plugin; workers have it, too."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        start(early_config)


def start(config: pytest.Config) -> None:
    """Starts both, unless they run."""
    if _SHARED not in config.stash:
        modules = product_modules()
        config.stash[_SHARED] = (
            SharedSpawner(preload=True, modules=modules),
            forked.server([*forked.LIBRARIES, *modules]),
        )


def share_imports(config: pytest.Config, specs: list[Any]) -> None:
    """Before workers start, which pytest-xdist's `specs` name: makes them forks."""
    start(config)
    _, workers = config.stash[_SHARED]
    command = forked.interpreter(workers.address)
    for spec in specs:
        spec.python = command


def tell_of_spawner(node: Any) -> None:
    """Tells a worker what the functions of its stacks are forked from."""
    if shared := node.config.stash.get(_SHARED, ()):
        spawner, _ = shared
        node.workerinput[SPAWNER] = spawner.address


def spawner_of(config: pytest.Config) -> str:
    """In a worker: returns the address of what its functions are forked from, or nothing."""
    address: str = getattr(config, "workerinput", {}).get(SPAWNER, "")
    return address


def end_shared(config: pytest.Config) -> None:
    """Ends both."""
    for one in config.stash.get(_SHARED, ()):
        one.stop()
