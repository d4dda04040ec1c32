"""Rows of an export's run, kept as long as the run is.

pk = job id   sk = export#00         the frozen plan as JSON, in as many parts as it needs
              sk = piece#0007        the piece made of clip 7
              sk = transition#0007   the clip whose step renders the transition after clip 7
pk = piece#<digest>   sk = maker     who makes a piece, and until when nobody else may
"""

from collections.abc import Iterator

from pydantic import Field

from showreel.assembly.models import FileIds, NormalisedPiece
from showreel.core.clock import now_seconds
from showreel.core.dynamo import Item, Table, Write
from showreel.core.errors import ConditionFailed, NotFound
from showreel.core.ids import new_file_id
from showreel.core.models import FrozenModel
from showreel.cuts.plan import CutPlan
from showreel.cuts.responses import MissingShot
from showreel.projects import storyboard_pk
from showreel.runs.store import KEEP_SECONDS

BUCKET = "final-exports"
PART_LENGTH = 90_000
"""In characters of at most 4 bytes each: a DynamoDB item has at most 400 KB."""


class CutFiles(FileIds):
    """The random names of an export's files."""

    captions: str = Field(default_factory=new_file_id)
    """The name of both caption files."""


class ExportPlan(FrozenModel):
    """The input of an export, frozen when it is created."""

    job_id: str
    project_id: str
    workspace_id: str
    cut: CutPlan
    files: CutFiles = Field(default_factory=CutFiles)
    missing: tuple[MissingShot, ...] = ()
    """The shots that the film leaves out."""
    is_ahead: bool = False
    """Whether only pieces are made, for a later export; then it has no run."""

    @property
    def owner(self) -> str:
        """The partition whose rows name the export's files."""
        return storyboard_pk(self.project_id)


class Exports:
    """Reads and writes these rows."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def plan_writes(self, plan: ExportPlan) -> Iterator[Write]:
        """Yields the writes of the plan, for the transaction that begins the run."""
        text = plan.model_dump_json()
        for number, start in enumerate(range(0, len(text), PART_LENGTH)):
            part = {"text": text[start : start + PART_LENGTH]}
            yield self._table.put_write(_row(plan.job_id, f"export#{number:02d}", part))

    def plan(self, job_id: str) -> ExportPlan:
        """Returns the frozen plan. Raises NotFound."""
        text = "".join(row["text"] for row in self._rows(job_id, "export#"))
        if not text:
            raise NotFound("No plan of this export")
        return ExportPlan.model_validate_json(text)

    def keep_piece(self, job_id: str, index: int, piece: NormalisedPiece) -> None:
        """Records the piece made of a clip. Safe to repeat."""
        self._table.put(_row(job_id, f"piece#{index:04d}", piece.model_dump(mode="json")))

    def pieces(self, job_id: str) -> dict[int, NormalisedPiece]:
        """Returns the pieces made so far, by the clips' numbers."""
        return {
            int(row["sk"].removeprefix("piece#")): NormalisedPiece.model_validate(row)
            for row in self._rows(job_id, "piece#")
        }

    def claim_piece(self, name: str, maker: str, seconds: int) -> bool:
        """Leases a piece to `maker`, or extends that. Returns False if another has it."""
        now = now_seconds()
        try:
            self._table.put(
                _row(f"piece#{name}", "maker", {"maker": maker, "ends_at": now + seconds}),
                condition="attribute_not_exists(pk) OR maker = :maker OR ends_at <= :now",
                values={":maker": maker, ":now": now},
            )
        except ConditionFailed:
            return False
        return True

    def claim_transition(self, job_id: str, index: int, by: int) -> bool:
        """Gives the transition after clip `index` to the step of clip `by`, which may repeat this.
        Returns False if the other clip's step has it.
        """
        try:
            self._table.put(
                _row(job_id, f"transition#{index:04d}", {"by": by}),
                condition="attribute_not_exists(pk) OR #by = :by",
                names={"#by": "by"},
                values={":by": by},
            )
        except ConditionFailed:
            return False
        return True

    def _rows(self, job_id: str, prefix: str) -> Iterator[Item]:
        values = {":job": job_id, ":prefix": prefix}
        return self._table.query_all("pk = :job AND begins_with(sk, :prefix)", values=values)


def _row(job_id: str, sk: str, attributes: Item) -> Item:
    return {"pk": job_id, "sk": sk, "expires_at": now_seconds() + KEEP_SECONDS, **attributes}
