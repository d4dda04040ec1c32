"""GET /realtime/v1/runs/{runId}: a run for `useRealtimeRun`; waits until it changes."""

from typing import Annotated

from showreel.core.dynamo import Table
from showreel.core.settings import RunsTable, settings
from showreel.edge.api import Response, api
from showreel.edge.queries import Query
from showreel.identity.run_tokens import any_run_token, own_run_token
from showreel.runs.realtime import feed
from showreel.runs.store import StoredRuns

app = api(any_run_token)
handler = app.resolve
Offset = Annotated[
    str,
    Query(
        pattern=r"^(-1|[0-9]{1,15}_[0-9]{1,15})$",
        description="`electric-offset` of the last answer, or -1",
    ),
]
Live = Annotated[bool, Query(description="whether the answer waits for a change")]


@app.get("/realtime/v1/runs/<run_id>")
def watch(run_id: str, offset: Offset = feed.START, live: Live = False) -> Response:
    """Returns the run, or what changed after `offset`; with the run's own token."""
    own_run_token(app, run_id)
    runs = StoredRuns(Table(settings(RunsTable).runs_table))
    return feed.answer(runs, run_id, offset, is_live=live, context=app.lambda_context)
