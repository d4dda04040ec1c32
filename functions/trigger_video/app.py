"""POST /api/trigger-video, and the retry of one clip."""

from showreel.edge.api import Response, api, base_url, idempotency_header, json_response
from showreel.edge.idempotency import answer_once
from showreel.edge.limits import take_order
from showreel.films.pipeline import service
from showreel.films.projects.access import require_film
from showreel.identity import current_caller

app = api(current_caller)
handler = app.resolve


@app.post("/api/trigger-video")
def trigger_video(request: service.TriggerVideo) -> Response:
    """Starts a film, or finds the run that is making it."""
    caller = current_caller(app)
    film, key = require_film(caller, request.video_project_id), idempotency_header(app)

    def start() -> Response:
        take_order(caller.user_id)
        return json_response(200, service.trigger(film, request, key, base_url(app), _arn()))

    return answer_once(app, film.project.workspace_id, start)


@app.post("/api/video-projects/<project_id>/clips/<clip_id>/retry")
def retry_clip(project_id: str, clip_id: str) -> Response:
    """Makes one clip anew and compiles again."""
    caller = current_caller(app)
    film, key = require_film(caller, project_id), idempotency_header(app)

    def start() -> Response:
        take_order(caller.user_id)
        return json_response(200, service.retry(film, clip_id, key, base_url(app), _arn()))

    return answer_once(app, film.project.workspace_id, start)


def _arn() -> str:
    return str(app.lambda_context.invoked_function_arn)
