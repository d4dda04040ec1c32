"""/api/projects/{id}/timeline/otio: exports and imports a timeline as an OpenTimelineIO file."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from showreel.boards import boards
from showreel.cuts.models import ExportTransitionKind
from showreel.cuts.schemas import Settings, TransitionFields
from showreel.edge.api import JSON, Response, api, base_url, json_response
from showreel.identity import current_caller
from showreel_otio import service

app = api(current_caller)
handler = app.resolve

Revision = Annotated[int | None, Query(ge=0, description="else the one that the file names")]
Fps = Annotated[int, Query(ge=12, le=60)]
TransitionMs = Annotated[int | None, Query(alias="transitionMs", ge=0, le=3000)]
OtioDocument = Annotated[dict[str, Any], Body(description="an OpenTimelineIO timeline")]


@app.get("/api/projects/<project_id>/timeline/otio")
def export(
    project_id: str,
    fps: Fps = 24,
    transitions: ExportTransitionKind = "cut",
    transition_ms: TransitionMs = None,
) -> Response:
    """Writes the timeline as an OpenTimelineIO file, as an export of these settings shows it."""
    transition = TransitionFields(type=transitions, duration_ms=transition_ms)
    settings = Settings(fps=fps, transitions=transition)
    file = service.export(boards(), current_caller(app), project_id, settings, base_url(app))
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(200, JSON, file.text, headers=headers)


@app.put("/api/projects/<project_id>/timeline/otio")
def take(project_id: str, document: OtioDocument, revision: Revision = None) -> Response:
    """Reads an OpenTimelineIO file into the timeline: order, trims, transitions, volumes, texts."""
    caller = current_caller(app)
    view = service.take(boards(), caller, project_id, document, revision, base_url(app))
    return json_response(200, view)
