"""/api/music-tracks: the built-in tracks and the workspace's own."""

from showreel.edge.api import Response, api, base_url, json_response
from showreel.edge.queries import AnyWorkspaceId, Cursor, Limit
from showreel.identity import current_caller
from showreel.music import library as music
from showreel.music.library import NewMusicTrack

app = api(current_caller)
handler = app.resolve


@app.get("/api/music-tracks")
def list_tracks(
    workspace_id: AnyWorkspaceId = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """Every track a film of the workspace may use."""
    page = music.list_tracks(current_caller(app), workspace_id, limit, cursor, base_url(app))
    return json_response(200, page)


@app.post("/api/music-tracks")
def add(request: NewMusicTrack) -> Response:
    """Adds a track of the workspace's own."""
    return json_response(201, music.add_track(current_caller(app), request, base_url(app)))
