"""Rows of a batch in the runs table: its plan, and one for each shot that was begun.

pk = run id   sk = plan        which shots, by which model
              sk = shot#0007   what became of the eighth

A shot's row is written with its job, and again, once, with the event of its end.
"""

from collections.abc import Iterator, Sequence

from showreel.core.clock import now_seconds
from showreel.core.dynamo import Item, Table, Write
from showreel.core.errors import NotFound
from showreel.runs.store import KEEP_SECONDS
from showreel.storyboards.batch.models import BatchPlan, ShotResult

PLAN, SHOT = "plan", "shot#"
STATUS = {"#status": "status"}


class BatchRows:
    """The rows of one run."""

    def __init__(self, table: Table, run_id: str) -> None:
        self._table = table
        self._run_id = run_id

    def plan_write(self, plan: BatchPlan) -> Write:
        """Returns the write of the plan, for the transaction that begins the run."""
        return self._table.put_write(self._row(PLAN, {"plan": plan.model_dump_json()}))

    def plan(self) -> BatchPlan:
        """Returns the plan. Raises NotFound."""
        row = self._table.get(self._run_id, PLAN)
        if row is None:
            raise NotFound("No plan of this run")
        return BatchPlan.model_validate_json(row["plan"])

    def begin_write(self, result: ShotResult) -> Write:
        """Begins a shot, as a part of its job's transaction; fails if it was begun before."""
        return self._table.put_write(self._item(result), "attribute_not_exists(pk)")

    def end_write(self, result: ShotResult) -> Write:
        """Returns the write of a shot's result, begun or not; fails if it has ended before."""
        return self._table.put_write(
            self._item(result),
            "attribute_not_exists(pk) OR #status = :generating",
            names=STATUS,
            values={":generating": "generating"},
        )

    def some(self, indexes: Sequence[int]) -> dict[int, ShotResult]:
        """Returns the results of those of these shots that were begun."""
        found = self._table.get_many((self._run_id, _sk(index)) for index in indexes)
        return {int(row["index"]): ShotResult.model_validate(row) for row in found}

    def begun(self) -> Iterator[ShotResult]:
        """Yields the results of all shots that were begun, page by page."""
        rows = self._table.query_all(
            "pk = :run AND begins_with(sk, :shot)",
            values={":run": self._run_id, ":shot": SHOT},
        )
        return map(ShotResult.model_validate, rows)

    def _item(self, result: ShotResult) -> Item:
        return self._row(_sk(result.index), result.model_dump(mode="json"))

    def _row(self, sk: str, attributes: Item) -> Item:
        expiry = now_seconds() + KEEP_SECONDS
        return {"pk": self._run_id, "sk": sk, "expires_at": expiry, **attributes}


def _sk(index: int) -> str:
    return f"{SHOT}{index:04d}"
