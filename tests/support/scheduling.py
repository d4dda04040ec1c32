"""Spreads a run over processes: the tests of a stack in one, all others file by file.

Tests of a stack mostly wait, the others compute. So there are more processes than cores: most take
stacks, one after another; the last three, since some files wait as well, take files, and stacks
when none is left. A process that has run a stack takes no files after it: moto in a test's own
process resets what the stack keeps.

In a run of everything, each process reads only files of the kind that it takes, and takes no other:
reading all of them costs ten seconds of a core in each process. Of those that take files, each
reads its own part; those of the client and the media, which come last, even out what the parts
differ by. Half of the processes read their files from the last to the first. So each file is
compiled by one process, and others find what that one has written: the first run of a clone
compiles half as much.
"""

import math
import zlib
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.support.stacks import GROUPS, group_of

FILE_PROCESSES = 3
FEW = 2
"""Tests that a process has left when it is given more."""
SHARED_TESTS = ("tests/client/", "tests/media/")
WAITING_TESTS = ("tests/demo/", "tests/simulators/")
RANKS = {name: rank for rank, name in enumerate(GROUPS)}


class StackScheduling(LoadScopeScheduling):
    """Gives each process the next group or file that suits it, of those that it has read.

    pytest-xdist's own marks of groups have no effect under pytest 9 (pytest-xdist#1386).
    """

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        self._read: dict[WorkerController, set[str]] = {}
        """The groups and files that each process has read."""

    @property
    def collection_is_completed(self) -> bool:
        """Whether tests can be given out. In a run of everything as soon as one process has read
        its files: those of stacks have fewer, and start them while the others read.
        """
        return bool(self._read) if is_whole(self.config) else self._all_have_read

    @property
    def tests_finished(self) -> bool:
        return self._all_have_read and super().tests_finished

    @property
    def _all_have_read(self) -> bool:
        return len(self._read) >= self.numnodes

    def add_node_collection(self, node: WorkerController, collection: Any) -> None:
        self.registered_collections[node] = list(collection)
        self._read[node] = {self._split_scope(nodeid) for nodeid in collection}

    def schedule(self) -> None:
        known = dict.fromkeys(self.collection or ())
        for nodeid in chain(*self.registered_collections.values()):
            if nodeid not in known:
                self.workqueue.setdefault(self._split_scope(nodeid), {})[nodeid] = False
                known[nodeid] = None
        self.collection = list(known)
        session: Any = self.config.pluginmanager.get_plugin("session")
        session.testscollected = len(self.collection)  # of which progress is told
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid) or nodeid.partition("::")[0]

    def _reschedule(self, node: WorkerController) -> None:
        """Gives a process groups or files until it has more than two tests, or none is left for it:
        it runs one only when it knows the next.
        """
        while not node.shutting_down and self._pending_of(self.assigned_work[node]) <= FEW:
            found = self._next(node)
            if found is None:
                if self._all_have_read:
                    node.shutdown()
                return
            self.workqueue.move_to_end(found, last=False)
            self._assign_work_unit(node)

    def _next(self, node: WorkerController) -> str | None:
        queue = [scope for scope in self.workqueue if scope in self._read.get(node, ())]
        stacks = sorted(RANKS.keys() & queue, key=RANKS.__getitem__)
        files = sorted((scope for scope in queue if scope not in RANKS), key=_turn)
        if RANKS.keys() & self.assigned_work[node].keys():
            return next(iter(stacks), None)
        prefers_files = self.nodes.index(node) in file_processes(len(self.nodes))
        return next(iter([*files, *stacks] if prefers_files else [*stacks, *files]), None)


def file_processes(processes: int) -> range:
    """The numbers of the processes, of so many, that take files before stacks."""
    return range(processes - min(FILE_PROCESSES, math.ceil(processes / 2)), processes)


def is_shared(name: str) -> bool:
    """Whether every process that takes files has read this one."""
    return name.startswith(SHARED_TESTS)


def _turn(name: str) -> int:
    """Returns the place of a test file among all: what waits comes while stacks compute, what every
    process may take last.
    """
    return 0 if name.startswith(WAITING_TESTS) else 1 + is_shared(name)


def is_for_others(config: pytest.Config, path: Path) -> bool:
    """Whether a test file is read by other processes, and not by this one."""
    given: dict[str, Any] = getattr(config, "workerinput", {})
    if not given or not path.is_file() or not is_whole(config):
        return False
    number, processes = int(given["workerid"].removeprefix("gw")), given["workercount"]
    if processes < 2 or number >= processes:  # it is alone, or stands in for one that died
        return False
    name = path.relative_to(config.rootpath).as_posix()
    readers = file_processes(processes)
    if group_of(name) is not None:
        return number in readers
    if not is_shared(name):
        return number != readers[zlib.crc32(name.encode()) % len(readers)]
    return number not in readers


def reads_backwards(config: pytest.Config) -> bool:
    """Whether this process reads its files from the last to the first."""
    given: dict[str, Any] = getattr(config, "workerinput", {})
    return bool(given) and int(given["workerid"].removeprefix("gw")) % 2 == 1


def is_whole(config: pytest.Config) -> bool:
    """Whether this is a run of everything."""
    is_part = config.option.keyword or config.option.collectonly
    return config.args == config.getini("testpaths") and not is_part
