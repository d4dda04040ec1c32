"""Use cases of the endpoints that start films: trigger and retry."""

from typing import Annotated, Any

from pydantic import Field

from showreel.core.ids import digest_of
from showreel.core.wire import Wire
from showreel.films.pipeline import trigger as triggering
from showreel.films.pipeline.kind import films
from showreel.films.pipeline.trigger import Options
from showreel.films.projects.models import Film
from showreel.identity import issue_run_token
from showreel.runs.claims import Key
from showreel.runs.models import RunView

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


def trigger(
    film: Film, request: TriggerVideo, key: str | None, base_url: str, function_arn: str
) -> Triggered:
    """Starts a film, or finds the run that already makes it or that the same key has started.
    Raises as `trigger_video`.
    """
    options = Options(request.draft, request.allow_partial, request.allow_builtin_fallback)
    claimed = _key(film, key, "trigger", request.model_dump())
    started = triggering.trigger_video(film, options, base_url, function_arn, claimed)
    new, old = "Video generation started successfully", "Video generation is already running"
    return Triggered(
        run_id=started.run.id,
        public_access_token=issue_run_token(started.run.id),
        message=new if started.is_new else old,
    )


def retry(film: Film, clip_id: str, key: str | None, base_url: str, function_arn: str) -> RunView:
    """Makes one clip anew; the same key again is the same run. Raises as `retry_clip`."""
    claimed = _key(film, key, "retry", [film.project.id, clip_id])
    run = triggering.retry_clip(film, clip_id, base_url, function_arn, claimed).run
    return films(function_arn).shown(run)


def _key(film: Film, key: str | None, route: str, request: Any) -> Key | None:
    """Returns the caller's key, scoped to the workspace and the route; None without one."""
    scope = (film.project.workspace_id, route)
    return None if key is None else Key((*scope, key), digest_of(request))
