"""A graph's run as callers of `/api/runs` see it, and the store of these runs."""

from pydantic import Field

from showreel.core.dynamo import Table
from showreel.core.settings import RunsTable, settings
from showreel.graphs.runs.models import Standing
from showreel.runs.models import Run, RunView
from showreel.runs.store import Runs


class GraphRunView(RunView):
    """A run object with its project and its counts."""

    project_id: str
    request_id: str
    total_nodes: int = Field(description="how many nodes it was begun for")
    completed_nodes: int
    failed_nodes: int = Field(description="without those that were skipped")
    skipped_nodes: int
    cached_nodes: int = Field(description="of the completed ones, those that cost nothing")


def graph_view(run: Run) -> GraphRunView:
    """Returns the run as callers see it."""
    shown = run.model_dump(include=set(RunView.model_fields))
    own = {"project_id": run.subject_id, "request_id": run.options["request_id"]}
    return GraphRunView.model_validate(shown | own | counts_of(run))


def counts_of(run: Run) -> dict[str, int]:
    """Returns the number of nodes by status."""
    standing = Standing.of(run)
    return {
        "total_nodes": len(standing.letters),
        "completed_nodes": standing.count("succeeded"),
        "failed_nodes": standing.count("failed"),
        "skipped_nodes": standing.count("skipped"),
        "cached_nodes": standing.cached,
    }


def graph_runs() -> Runs:
    """Returns the store of graphs' runs, in this process's table."""
    return Runs(Table(settings(RunsTable).runs_table), graph_view)
