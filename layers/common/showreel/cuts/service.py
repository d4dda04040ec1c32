"""Use cases of timelines and exports.

Each checks membership first, then the storyboard's media, the timeline, the preflight, credits.
Missing and foreign ids give the same NotFound.
"""

from showreel.core.errors import Conflict
from showreel.core.ids import digest_of
from showreel.core.wire import Wire
from showreel.cuts import context
from showreel.cuts.ahead import begin_ahead
from showreel.cuts.create import Beginning, BegunExport, latest_settings, resolved
from showreel.cuts.edits import edited
from showreel.cuts.kind import cut_runs
from showreel.cuts.looking import synchronise
from showreel.cuts.models import Timeline
from showreel.cuts.plan import make_plan
from showreel.cuts.ports import Board, Boards
from showreel.cuts.responses import CreatedExport, Synced, TimelineView, timeline_view
from showreel.cuts.schemas import DirectorCutRequest, Settings, TimelineChange
from showreel.cuts.status import LEAST_PROGRESS, export_state, provider_status, status_of
from showreel.cuts.store import STALE
from showreel.cuts.view import cut_view
from showreel.identity import Caller
from showreel.music.library import require_track
from showreel.runs.claims import Key


def sync(boards: Boards, caller: Caller, request: DirectorCutRequest, function_arn: str) -> Synced:
    """Brings the timeline up to the storyboard, and returns whether it can be exported. Starts
    making the pieces for an export with these settings, or without any with the last export's.
    """
    looked = synchronise(boards, caller, request.project_id or "")
    settings = resolved(request.settings or Settings(), looked.board)
    preflight = looked.preflight(settings, allow_partial=request.allow_partial)
    plan = preflight.plan
    if request.settings is None and (latest := latest_settings(looked.board)):
        plan = make_plan(looked.timeline, latest)
    begin_ahead(caller, looked.board, plan, function_arn)
    return Synced(summary=preflight.summary())


def begin(
    boards: Boards,
    caller: Caller,
    request: DirectorCutRequest,
    key: str | None,
    base_url: str,
    function_arn: str,
) -> CreatedExport:
    """Begins an export by `create` or `retry`. Raises as `Beginning.begin`."""
    project_id = request.project_id or ""
    begun = Beginning(
        boards=boards,
        caller=caller,
        request=request,
        project_id=project_id,
        base_url=base_url,
        function_arn=function_arn,
        key=_key(request, project_id, key),
    ).begin()
    return _created(begun, cut_runs(function_arn).position(begun.run))


def _key(request: DirectorCutRequest, project_id: str, key: str | None) -> Key | None:
    """Returns the caller's key, scoped to the project; None without one."""
    digest = digest_of(request.model_dump(mode="json"))
    return None if key is None else Key((project_id, "director-cut", key), digest)


def _created(begun: BegunExport, position: int | None) -> CreatedExport:
    run, view = begun.run, cut_view(begun.run)
    return CreatedExport(
        status=status_of(run, position),
        job_id=run.id,
        progress=max(LEAST_PROGRESS, run.progress.progress),
        provider=view.provider,
        provider_status=provider_status(run),
        fallback_used=view.fallback_used,
        fallback_reason=view.fallback_reason,
        retry_of=view.retry_of,
        is_new=begun.preflight is not None,
        summary=begun.preflight.summary() if begun.preflight else None,
    )


def act(
    boards: Boards,
    caller: Caller,
    request: DirectorCutRequest,
    key: str | None,
    base_url: str,
    function_arn: str,
) -> Wire:
    """Carries out the request's action. Raises as the actions do."""
    if request.action == "status":
        return export_state(caller, request.job_id or "", function_arn)
    if request.action == "sync":
        return sync(boards, caller, request, function_arn)
    return begin(boards, caller, request, key, base_url, function_arn)


def paying_workspace(boards: Boards, caller: Caller, request: DirectorCutRequest) -> str | None:
    """Returns the workspace that pays, None for a free request. Raises NotFound."""
    if request.action not in {"create", "retry"}:
        return None
    return boards.require(caller, request.project_id or "").workspace_id


def get_timeline(boards: Boards, caller: Caller, project_id: str, base_url: str) -> TimelineView:
    """Returns the timeline. Raises NotFound."""
    board, timeline = timeline_at(boards, caller, project_id, None)
    return timeline_view(timeline, resolved(Settings(), board), base_url)


def change_timeline(
    boards: Boards, caller: Caller, project_id: str, change: TimelineChange, base_url: str
) -> TimelineView:
    """Changes the timeline if it still has the revision that the client read. Raises NotFound,
    InvalidInput, Conflict `stale_revision`.
    """
    board, before = timeline_at(boards, caller, project_id, change.revision)
    after = edited(before, change)
    if change.music is not None:
        require_track(board.workspace_id, change.music.track_id)
    if after != before:
        after = context.cuts().save(before, after)
    return timeline_view(after, resolved(Settings(), board), base_url)


def timeline_at(
    boards: Boards, caller: Caller, project_id: str, revision: int | None
) -> tuple[Board, Timeline]:
    """Returns the project and its timeline, which must have `revision` unless that is None. Raises
    NotFound, Conflict `stale_revision`.
    """
    board = boards.require(caller, project_id)
    timeline = context.cuts().timeline(board.id, board.workspace_id)
    if revision is not None and timeline.revision != revision:
        details = {"revision": timeline.revision}
        raise Conflict(STALE, code="stale_revision", details=details)
    return board, timeline
