"""Spreads a run over processes: the tests of a stack in one, all others file by file.

Tests of a stack mostly wait, the others compute. So there are more processes than cores: most take
stacks, one after another; the last two take files, and stacks when none is left. A process that
has run a stack takes no files after it: moto in a test's own process resets what the stack keeps.
"""

import math

from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.support.stacks import GROUPS, group_of

FILE_PROCESSES = 2
RANKS = {name: rank for rank, name in enumerate(GROUPS)}


class StackScheduling(LoadScopeScheduling):
    """Gives each process the next group or file that suits it.

    pytest-xdist's own marks of groups have no effect under pytest 9 (pytest-xdist#1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid) or nodeid.partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        found = self._next(node)
        if found is not None:
            self.workqueue.move_to_end(found, last=False)
            super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        if self.workqueue and self._next(node) is None and not node.shutting_down:
            node.shutdown()
        super()._reschedule(node)

    def _next(self, node: WorkerController) -> str | None:
        stacks = sorted(RANKS.keys() & self.workqueue.keys(), key=RANKS.__getitem__)
        files = [scope for scope in self.workqueue if scope not in RANKS]
        if RANKS.keys() & self.assigned_work[node].keys():
            return next(iter(stacks), None)
        prefers_files = self.nodes.index(node) >= len(self.nodes) - min(
            FILE_PROCESSES, math.ceil(len(self.nodes) / 2)
        )
        return next(iter([*files, *stacks] if prefers_files else [*stacks, *files]), None)
