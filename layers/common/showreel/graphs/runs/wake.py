"""Wakes the run of a node whose job has ended. Used by every function that ends jobs."""

from collections.abc import Iterable

from showreel.core.errors import Transient
from showreel.core.observability import logger
from showreel.generation.models import Job
from showreel.graphs.runs.rows import rows_of

SUBJECT = "graph_run"
"""The kind of subject of a node's job, which is its run."""


def node_settled(job: Job) -> None:
    """Wakes the run of the job. Raises Transient."""
    if job.subject is not None:
        rows_of(job.subject.id).wake()


def wake_all(run_ids: Iterable[str]) -> None:
    """Wakes runs that wait for another one's nodes. One that fails looks again within 45 s."""
    for run_id in run_ids:
        try:
            rows_of(run_id).wake()
        except Transient:
            logger().warning("a run was not woken", run_id=run_id)
