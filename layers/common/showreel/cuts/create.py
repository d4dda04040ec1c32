"""Begins exports: in one transaction, and one at a time per project.

The plan, the hold, the run with its first event, its place in the queue, the project's only active
export and the claim of the caller's key are written together or not at all, so two creates at once
make one job, and no credit is held for a job that doesn't exist.
"""

from dataclasses import dataclass
from typing import Any

from showreel.core.clock import now_iso
from showreel.core.errors import Conflict, Transient
from showreel.core.ids import new_id
from showreel.cuts import context
from showreel.cuts.ahead import digest_of_pieces
from showreel.cuts.exports import ExportPlan
from showreel.cuts.kind import CUTS, cut_runs
from showreel.cuts.looking import Looked, look, synchronise
from showreel.cuts.models import EXPORT_CREDITS, Ahead, ExportSettings, Transition
from showreel.cuts.ports import Board, Boards
from showreel.cuts.preflight import Preflight
from showreel.cuts.remote import obstacle
from showreel.cuts.schemas import DirectorCutRequest, Settings, TransitionFields
from showreel.edge.limits import take_order
from showreel.identity import Caller
from showreel.music.library import require_track
from showreel.projects import presence_write
from showreel.runs.claims import Claim, Claims, Key
from showreel.runs.models import Run, RunCredits

ATTEMPTS = 20
LIMIT_SECONDS = 1800
LIMIT_PER_SECOND = 4
"""By how many seconds each second of film raises the limit."""


@dataclass(frozen=True)
class BegunExport:
    """The export that is on its way. `preflight` is None if it was on its way before."""

    run: Run
    preflight: Preflight | None


@dataclass(frozen=True)
class Beginning:
    """A request to begin an export, which may meet others for the same project."""

    boards: Boards
    caller: Caller
    request: DirectorCutRequest
    project_id: str
    base_url: str
    function_arn: str
    key: Key | None

    def begin(self) -> BegunExport:
        """Begins an export, or finds the one that is being made. The same key is the same export.

        Raises NotFound, InvalidInput, InsufficientCredits, RateLimited, IdempotencyMismatch,
        Transient; Conflict `preflight_failed`, and `run_active` for a retry while one is being
        made.
        """
        on, claims = cut_runs(self.function_arn), Claims(context.runs_table())
        board = self.boards.require(self.caller, self.project_id)
        if self.key is None or claims.find(self.key) is None:
            take_order(self.caller.user_id)
        for _ in range(ATTEMPTS):
            preflight: Preflight | None = None
            claim = claims.find(self.key) if self.key else None
            if claim is None:
                active, latest = context.cuts().latest(board.id)
                claim = self._running(active, claims)
                if claim is None:
                    claim, preflight = self._begin(board, claims, active, latest)
            if claim is not None:
                on.dispatch(CUTS, [board.workspace_id])
                return BegunExport(on.runs.get(claim.run_id), preflight)
        raise Transient("the project is being exported by too many others")

    def _running(self, active: str | None, claims: Claims) -> Claim | None:
        """Returns the export that is being made and claims the key for it. Returns None if there is
        none or another request was faster. Raises Conflict `run_active` for a retry.
        """
        run = context.runs().find(active) if active else None
        if run is None or run.is_over:
            return None
        if self.request.action == "retry":
            details = {"jobId": run.id}
            raise Conflict("An export is being made", code="run_active", details=details)
        claim = Claim(run.id, is_new=False)
        return claim if self.key is None or claims.claim(self.key, claim) else None

    def _begin(
        self, board: Board, claims: Claims, active: str | None, latest: str | None
    ) -> tuple[Claim | None, Preflight]:
        """Writes the export in place of `active`, which is over; no claim if another request was
        faster and all must be read again.
        """
        before = context.runs().find(latest) if latest else None
        looked = self._looked()
        settings = self._settings(board, before)
        preflight = looked.preflight(settings, allow_partial=self.request.allow_partial)
        preflight.require()
        if preflight.plan.music is not None:
            require_track(board.workspace_id, preflight.plan.music.track_id)
        plan = ExportPlan(
            job_id=new_id(),
            project_id=board.id,
            workspace_id=board.workspace_id,
            cut=preflight.plan,
            missing=tuple(preflight.missing),
        )
        run = self._run(plan, before)
        ahead = Ahead(id=run.id, digest=digest_of_pieces(plan.cut))
        export = {"settings": settings.model_dump(mode="json"), "status": "processing"}
        writes = [
            presence_write(board.id),
            *context.cuts().begin_writes(board.id, export, ahead, dead=active),
            *context.exports().plan_writes(plan),
        ]
        claim = Claim(run.id, is_new=True)
        if self.key is not None:
            writes.append(claims.write(self.key, claim))
        return claim if cut_runs(self.function_arn).begin(run, writes) else None, preflight

    def _looked(self) -> Looked:
        """Returns the timeline: synchronised with the storyboard, or for a retry as it is."""
        find = look if self.request.action == "retry" else synchronise
        return find(self.boards, self.caller, self.project_id)

    def _settings(self, board: Board, before: Run | None) -> ExportSettings:
        """Returns the request's settings; for a retry without settings those of the last export."""
        if self.request.settings is None and self.request.action == "retry" and before is not None:
            return ExportSettings.model_validate(before.options["settings"])
        return resolved(self.request.settings or Settings(), board)

    def _run(self, plan: ExportPlan, before: Run | None) -> Run:
        retried = None
        if self.request.action == "retry" and before and before.status != "completed":
            retried = before.id
        settings = plan.cut.settings
        options: dict[str, Any] = {
            "settings": settings.model_dump(mode="json"),
            "provider": settings.provider,
            "retry_of": retried,
        }
        reason = obstacle(plan.cut) if settings.provider == "fal_remote" else None
        return Run(
            id=plan.job_id,
            kind=CUTS.name,
            workspace_id=plan.workspace_id,
            subject_id=plan.project_id,
            credits=RunCredits(held=EXPORT_CREDITS),
            hold_id=plan.job_id,
            options=options,
            state={"fallback_reason": reason} if reason else {},
            public_base_url=self.base_url,
            limit_seconds=LIMIT_SECONDS + LIMIT_PER_SECOND * round(plan.cut.seconds),
            created_at=now_iso(),
        )


def latest_settings(board: Board) -> ExportSettings | None:
    """Returns the settings of the project's last export, if there was one."""
    _, latest = context.cuts().latest(board.id)
    run = context.runs().find(latest) if latest else None
    return None if run is None else ExportSettings.model_validate(run.options["settings"])


def resolved(settings: Settings, board: Board) -> ExportSettings:
    """Returns settings in which the project's values fill what was left open."""
    wanted = settings.transitions
    transition = wanted if isinstance(wanted, TransitionFields) else TransitionFields(type=wanted)
    return ExportSettings(
        **settings.model_dump(exclude={"transitions", "aspect_ratio"}),
        aspect_ratio=settings.aspect_ratio or board.aspect_ratio,
        transition=Transition(kind=transition.type, duration_ms=transition.length_ms),
    )
