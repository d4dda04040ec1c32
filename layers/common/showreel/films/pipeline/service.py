"""What the endpoints that start films do: trigger, retry."""

from typing import Annotated

from pydantic import Field

from showreel.core.wire import Wire
from showreel.films.pipeline import trigger as triggering
from showreel.films.pipeline.kind import films
from showreel.films.pipeline.trigger import Options
from showreel.films.projects.models import Film
from showreel.identity import issue_run_token
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


def trigger(film: Film, request: TriggerVideo, base_url: str, function_arn: str) -> Triggered:
    """Starts a film, or finds the run that is making it. Raises as `trigger_video`."""
    options = Options(request.draft, request.allow_partial, request.allow_builtin_fallback)
    started = triggering.trigger_video(film, options, base_url, function_arn)
    new, old = "Video generation started successfully", "Video generation is already running"
    return Triggered(
        run_id=started.run.id,
        public_access_token=issue_run_token(started.run.id),
        message=new if started.is_new else old,
    )


def retry(film: Film, clip_id: str, base_url: str, function_arn: str) -> RunView:
    """Makes one clip anew. Raises as `retry_clip`."""
    run = triggering.retry_clip(film, clip_id, base_url, function_arn).run
    return films(function_arn).shown(run)
