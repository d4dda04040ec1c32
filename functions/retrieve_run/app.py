"""GET /api/v3/runs/{runId}: a run as `runs.retrieve` and `runs.poll` read it."""

from showreel.core.dynamo import Table
from showreel.core.settings import RunsTable, settings
from showreel.edge.api import Response, api, json_response
from showreel.identity.run_tokens import any_run_token, own_run_token
from showreel.runs.realtime.wire import retrieved
from showreel.runs.store import StoredRuns

app = api(any_run_token)
handler = app.resolve


@app.get("/api/v3/runs/<run_id>")
def retrieve(run_id: str) -> Response:
    """Reads the run, with its own token."""
    own_run_token(app, run_id)
    run = StoredRuns(Table(settings(RunsTable).runs_table)).get(run_id)
    return json_response(200, retrieved(run), cache_control="no-store")
