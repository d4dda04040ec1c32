"""What is kept with the run of an export, as long as the run is.

pk = job id   sk = export#00     the frozen plan as JSON, in as many parts as it needs
              sk = piece#0007    what was made of clip 7
              sk = joint#0007    whose step renders the joint after it
pk = piece#<digest>   sk = maker     who is making a piece, and until when nobody else does
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
"""Characters, of 4 bytes at most: an item has 400 KB."""


class CutFiles(FileIds):
    """The unguessable names of an export's files."""

    captions: str = Field(default_factory=new_file_id)
    """Of both sidecars."""


class ExportPlan(FrozenModel):
    """All that an export is made from, frozen when it is created."""

    job_id: str
    project_id: str
    workspace_id: str
    cut: CutPlan
    files: CutFiles = Field(default_factory=CutFiles)
    missing: tuple[MissingShot, ...] = ()
    """The shots that it does without."""
    is_ahead: bool = False
    """Whether its pieces are made, and nothing else: there is no run of it."""

    @property
    def owner(self) -> str:
        """The partition whose rows name its files."""
        return storyboard_pk(self.project_id)


class Exports:
    """The rows."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def plan_writes(self, plan: ExportPlan) -> Iterator[Write]:
        """Yields the plan as parts of the transaction that makes the run."""
        text = plan.model_dump_json()
        for number, start in enumerate(range(0, len(text), PART_LENGTH)):
            part = {"text": text[start : start + PART_LENGTH]}
            yield self._table.put_write(_row(plan.job_id, f"export#{number:02d}", part))

    def plan(self, job_id: str) -> ExportPlan:
        """Returns the plan. Raises NotFound."""
        text = "".join(row["text"] for row in self._rows(job_id, "export#"))
        if not text:
            raise NotFound("No plan of this export")
        return ExportPlan.model_validate_json(text)

    def keep_piece(self, job_id: str, index: int, piece: NormalisedPiece) -> None:
        """Notes what was made of a clip; the same again is fine."""
        self._table.put(_row(job_id, f"piece#{index:04d}", piece.model_dump(mode="json")))

    def pieces(self, job_id: str) -> dict[int, NormalisedPiece]:
        """Returns what was made, by the clips' numbers."""
        return {
            int(row["sk"].removeprefix("piece#")): NormalisedPiece.model_validate(row)
            for row in self._rows(job_id, "piece#")
        }

    def claim_piece(self, name: str, maker: str, seconds: int) -> bool:
        """Gives a piece to a maker for so long; False if it is another one's."""
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

    def claim_joint(self, job_id: str, index: int, by: int) -> bool:
        """Gives the joint after clip `index` to the step of clip `by`, which may ask again; False
        if the other neighbour's has it.
        """
        try:
            self._table.put(
                _row(job_id, f"joint#{index:04d}", {"by": by}),
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
