"""Rows of a graph's run in the runs table, beside the run's own row and events.

pk = run id   sk = plan#0000   the frozen plan, compressed, in pieces
              sk = node#0007   how the eighth node ended
              sk = wake        the token of the waiting execution, and how often it was woken
"""

import base64
import functools
import zlib
from collections.abc import Iterable, Iterator

from showreel.core.clock import now_seconds
from showreel.core.dynamo import Item, Table, Write
from showreel.core.errors import ConditionFailed, NotFound
from showreel.core.settings import RunsTable, settings
from showreel.graphs.runs.models import NodeResult, RunPlan
from showreel.runs.executions import answer_token
from showreel.runs.store import KEEP_SECONDS

PLAN, NODE, WAKE = "plan#", "node#", "wake"
PIECE_CHARS = 300_000
"""Of a plan, in one row, which has at most 400 KB."""


class RunRows:
    """The rows of one run."""

    def __init__(self, table: Table, run_id: str) -> None:
        self._table = table
        self._run_id = run_id

    def put_plan(self, plan: RunPlan) -> None:
        """Writes the plan, before its run is. If the run is never written, the plan expires."""
        packed = base64.b85encode(zlib.compress(plan.model_dump_json().encode())).decode()
        pieces = [packed[at : at + PIECE_CHARS] for at in range(0, len(packed), PIECE_CHARS)]
        for number, piece in enumerate(pieces):
            self._table.put(self._row(f"{PLAN}{number:04d}", {"piece": piece}))

    def plan(self) -> RunPlan:
        """Returns the plan. Raises NotFound."""
        packed = "".join(row["piece"] for row in self._every(PLAN))
        if not packed:
            raise NotFound("No plan of this run")
        return RunPlan.model_validate_json(zlib.decompress(base64.b85decode(packed)))

    def end_write(self, result: NodeResult) -> Write:
        """Returns the write of a node's result, for the transaction that changes the run's row."""
        item = {"result": result.model_dump_json()}
        return self._table.put_write(self._row(f"{NODE}{result.index:04d}", item))

    def some(self, indexes: Iterable[int]) -> list[NodeResult]:
        """Returns the results of those of these nodes that have ended."""
        keys = ((self._run_id, f"{NODE}{index:04d}") for index in indexes)
        return [*map(_result, self._table.get_many(keys))]

    def results(self) -> Iterator[NodeResult]:
        """Yields the results of all nodes that have ended, page by page."""
        return map(_result, self._every(NODE))

    def calls(self) -> int:
        """Returns how often the run has been woken."""
        return int((self._table.get(self._run_id, WAKE) or {}).get("calls", 0))

    def wait(self, token: str, calls: int) -> bool:
        """Stores the token of the waiting execution. Returns False if the run was woken since it
        had been `calls` times.
        """
        seen = "calls = :calls" if calls else "attribute_not_exists(calls)"
        changes = {"token": token, "expires_at": now_seconds() + KEEP_SECONDS}
        write = self._table.set_write(
            self._run_id,
            WAKE,
            changes,
            condition=f"{seen} OR #token = :token",
            names={"#token": "token"},
            values={":token": token} | ({":calls": calls} if calls else {}),
        )
        try:
            self._table.apply(write)
        except ConditionFailed:
            return False
        return True

    def wake(self) -> None:
        """Wakes the run: answers its token, or if none waits, counts the call so that it looks
        again before it waits. Raises Transient.
        """
        expiry = {"expires_at": now_seconds() + KEEP_SECONDS}
        row = self._table.apply(self._table.set_write(self._run_id, WAKE, expiry, add={"calls": 1}))
        if "token" in row:
            answer_token(row["token"], {"is_over": False})

    def _every(self, prefix: str) -> Iterator[Item]:
        values = {":run": self._run_id, ":prefix": prefix}
        return self._table.query_all("pk = :run AND begins_with(sk, :prefix)", values=values)

    def _row(self, sk: str, attributes: Item) -> Item:
        expiry = now_seconds() + KEEP_SECONDS
        return {"pk": self._run_id, "sk": sk, "expires_at": expiry, **attributes}


def _result(row: Item) -> NodeResult:
    return NodeResult.model_validate_json(row["result"])


def rows_of(run_id: str) -> RunRows:
    """Returns the rows of a run, in this process's table."""
    return RunRows(Table(settings(RunsTable).runs_table), run_id)


@functools.lru_cache(maxsize=4)
def plan_of(run_id: str) -> RunPlan:
    """Returns the plan of a run, which never changes. Raises NotFound."""
    return rows_of(run_id).plan()
