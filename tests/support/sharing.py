"""A plugin of pytest, `-p tests.support.sharing` in `make test`: a run's workers are forks of one
process that has imported what all of them import, and their stacks' functions forks of another.

Both start before pytest reads `conftest.py`: the three processes import at the same time.
"""

import gc
import os
from typing import Any

import pytest

from local.lambdas.processes import ForkServer, SharedSpawner
from local.settings import product_modules
from tests.support import forked

SPAWNER = "spawner"
_SHARED = pytest.StashKey[tuple[SharedSpawner, ForkServer]]()


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """In the main process: starts both. Workers have the plugin, too."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    modules = product_modules()
    early_config.stash[_SHARED] = (
        SharedSpawner(preload=True, modules=modules),
        forked.server([*forked.LIBRARIES, *modules]),
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: list[Any]) -> None:
    """Before workers start, which `specs` name: makes them forks."""
    gc.freeze()  # this process runs no test: what it has loaded stays to its end
    _, workers = config.stash[_SHARED]
    command = forked.interpreter(workers.address)
    for spec in specs:
        spec.python = command


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker what the functions of its stacks are forked from."""
    spawner, _ = node.config.stash[_SHARED]
    node.workerinput[SPAWNER] = spawner.address


def pytest_unconfigure(config: pytest.Config) -> None:
    """In the main process: ends both."""
    for one in config.stash.get(_SHARED, ()):
        one.stop()


def spawner_of(config: pytest.Config) -> str:
    """In a worker: returns the address of what its functions are forked from, or nothing."""
    address: str = getattr(config, "workerinput", {}).get(SPAWNER, "")
    return address
