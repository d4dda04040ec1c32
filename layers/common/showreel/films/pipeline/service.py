"""What the endpoints of runs do: trigger, retry, read, cancel."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from showreel.core.errors import NotFound
from showreel.core.wire import Wire
from showreel.films.pipeline import context, ending
from showreel.films.pipeline import trigger as triggering
from showreel.films.pipeline.trigger import Options, Started
from showreel.films.projects.models import Film
from showreel.identity import Caller, issue_run_token, require_member
from showreel.runs import stream
from showreel.runs.models import Run, RunView, view

Flag = Annotated[bool, Field(strict=True)]


class TriggerVideo(Wire):
    """`POST /api/trigger-video`."""

    video_project_id: str = Field(min_length=1, max_length=128)
    draft: Flag = False
    allow_partial: Flag = True
    allow_builtin_fallback: Flag = False


class Triggered(Wire):
    """The documented answer."""

    success: bool = True
    run_id: str
    public_access_token: str
    message: str


def own_film(caller: Caller, project_id: str) -> Film:
    """The film, if the caller is a member of its workspace. Missing and foreign look the same."""
    film = triggering.load_owned(project_id)
    try:
        require_member(caller, film.project.workspace_id)
    except NotFound as error:
        raise NotFound("Video project not found") from error
    return film


def trigger(film: Film, request: TriggerVideo, base_url: str, function_arn: str) -> Triggered:
    """Starts a film, or finds the run that is making it. Raises as `trigger_video`."""
    options = Options(request.draft, request.allow_partial, request.allow_builtin_fallback)
    return _answer(triggering.trigger_video(film, options, base_url, function_arn))


def retry(film: Film, clip_id: str, base_url: str, function_arn: str) -> RunView:
    """Makes one clip anew. Raises as `retry_clip`."""
    return shown(triggering.retry_clip(film, clip_id, base_url, function_arn).run)


def _answer(started: Started) -> Triggered:
    new, old = "Video generation started successfully", "Video generation is already running"
    return Triggered(
        run_id=started.run.id,
        public_access_token=issue_run_token(started.run.id),
        message=new if started.is_new else old,
    )


def own_run(caller: Caller | None, run_id: str) -> Run:
    """The run, if the caller may see it; None is the bearer of the run's own token."""
    try:
        run = context.runs().get(run_id)
        if caller is not None:
            require_member(caller, run.workspace_id)
    except NotFound as error:
        raise NotFound("Run not found") from error
    return run


def shown(run: Run) -> RunView:
    """The run object, with its place in the queue while it waits."""
    waiting = run.status == "queued"
    return view(run, context.queue().state().position(run.id) if waiting else None)


def run_events(run_id: str, after: int, deadline: float) -> Iterator[bytes]:
    """The run's events after number `after` as SSE frames, until the run or the time is over.

    `deadline` is in seconds of `time.monotonic`.
    """
    return stream.run_stream(
        context.runs(), run_id, after, deadline=deadline, with_position=_with_position
    )


def _with_position(seen: dict[str, Any]) -> dict[str, Any]:
    """The place in the queue isn't stored: it is told as it is now."""
    if seen["status"] != "queued":
        return seen
    return seen | {"queuePosition": context.queue().state().position(seen["id"])}


def cancel(run: Run, function_arn: str) -> RunView:
    """Cancels the run. Raises Conflict `run_over`."""
    return shown(ending.cancel_run(run.id, function_arn))
