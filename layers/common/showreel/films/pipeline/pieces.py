"""The pieces of a run: one row per clip and transition, changed by conditional writes.

    pk = run id   sk = plan            the frozen plan
                  sk = piece#clip#03   a clip
                  sk = piece#transition#03  the transition between clips 3 and 4

A piece goes pending → (claimed) → done or failed, once. A transition is claimed when the iteration
that will make it waits for its second neighbour. It may become a `cut` when a neighbour failed, and
a `crossfade` when no model could make it; it is never a reason to fail.
"""

from typing import Literal

from showreel.assembly.models import NormalisedPiece
from showreel.core.clock import now_seconds
from showreel.core.dynamo import Item, Table, Write
from showreel.core.errors import ConditionFailed, NotFound
from showreel.core.models import FrozenModel
from showreel.films.pipeline.plan import FilmPlan, PlannedTransition
from showreel.films.projects.models import TransitionType
from showreel.runs.store import KEEP_SECONDS

PieceKind = Literal["clip", "transition"]


class PieceRow(FrozenModel):
    """The row of a clip or transition."""

    kind: PieceKind
    index: int
    status: Literal["pending", "claimed", "done", "failed"] = "pending"
    transition_type: TransitionType = "cut"
    token: str | None = None
    """The task token of the state that waits until the transition can be made."""
    job_id: str | None = None
    asset_key: str | None = None
    """The file as the job delivered it."""
    normalised: NormalisedPiece | None = None
    """The file in the film's format, or a crossfade."""
    reused: bool = False
    credits: int = 0
    cost_cents: int = 0
    reason: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether it will not change any more."""
        return self.status in {"done", "failed"}


def piece_name(kind: PieceKind, index: int) -> str:
    """Returns a name such as `clip#03`, which sorts by number."""
    return f"{kind}#{index:02d}"


class Pieces:
    """The rows of one run."""

    def __init__(self, table: Table, run_id: str) -> None:
        self._table = table
        self.run_id = run_id

    def plan_write(self, plan: FilmPlan) -> Write:
        """Returns the write that stores the plan. Pieces get rows only when they change."""
        return self._table.put_write(self._row("plan", {"plan": plan.model_dump_json()}))

    def plan(self) -> FilmPlan:
        """Returns the frozen plan. Raises NotFound."""
        row = self._table.get(self.run_id, "plan")
        if row is None:
            raise NotFound("No plan of this run")
        return FilmPlan.model_validate_json(row["plan"])

    def all(self, plan: FilmPlan) -> dict[str, PieceRow]:
        """Returns every piece of the plan by name; those without a row yet are pending."""
        fresh = [PieceRow(kind="clip", index=clip.index) for clip in plan.clips]
        fresh += [_transition(transition) for transition in plan.transitions]
        pieces = {piece_name(piece.kind, piece.index): piece for piece in fresh}
        rows = self._table.query_all(
            "pk = :run AND begins_with(sk, :piece)",
            values={":run": self.run_id, ":piece": "piece#"},
        )
        return pieces | {
            row["sk"].removeprefix("piece#"): PieceRow.model_validate(row) for row in rows
        }

    def neighbours(self, index: int) -> tuple[NormalisedPiece, NormalisedPiece]:
        """Returns the finished clips on both sides of a transition. Raises NotFound."""
        return self._normalised_clip(index), self._normalised_clip(index + 1)

    def _normalised_clip(self, index: int) -> NormalisedPiece:
        row = self._table.get(self.run_id, f"piece#{piece_name('clip', index)}")
        normalised = PieceRow.model_validate(row).normalised if row else None
        if normalised is None:
            raise NotFound("No such clip of this run")
        return normalised

    def keep_token(self, plan: FilmPlan, index: int, token: str) -> bool:
        """Stores the task token that waits for transition `index`, in place of an earlier one.
        Returns False if the transition is made, or a cut.
        """
        planned = _transition(plan.transitions[index])
        waiting = planned.model_copy(update={"status": "claimed", "token": token})
        return not planned.is_over and self.put(waiting)

    def put(self, piece: PieceRow) -> bool:
        """Writes a piece. Returns False if it was finished before, even by this call itself."""
        name = f"piece#{piece_name(piece.kind, piece.index)}"
        try:
            self._table.put(
                self._row(name, piece.model_dump(mode="json")),
                condition="attribute_not_exists(pk) OR #status IN (:pending, :claimed)",
                names={"#status": "status"},
                values={":pending": "pending", ":claimed": "claimed"},
            )
        except ConditionFailed:
            return False
        return True

    def note_paid(self, piece: PieceRow) -> None:
        """Notes on a piece's row what was paid for it, whatever its status: the clip's row may name
        another file later.
        """
        fields = {"kind", "index", "job_id", "asset_key", "credits", "cost_cents"}
        row = self._row(
            f"piece#{piece_name(piece.kind, piece.index)}",
            piece.model_dump(mode="json", include=fields),
        )
        pk, sk = row.pop("pk"), row.pop("sk")
        self._table.apply(self._table.set_write(pk, sk, row, once={"status": piece.status}))

    def _row(self, sk: str, attributes: Item) -> Item:
        expiry = now_seconds() + KEEP_SECONDS
        return {"pk": self.run_id, "sk": sk, "expires_at": expiry, **attributes}


def _transition(planned: PlannedTransition) -> PieceRow:
    """Returns a transition that has no row yet: done if it is planned as a cut, else pending."""
    return PieceRow(
        kind="transition",
        index=planned.index,
        transition_type=planned.kind,
        status="done" if planned.kind == "cut" else "pending",
    )
