"""Wakes the run of a node whose job has ended. Known to every function that ends jobs."""

from showreel.generation.models import Job
from showreel.graphs.runs.rows import rows_of

SUBJECT = "graph_run"
"""The kind of subject that the jobs of nodes have: their run."""


def node_settled(job: Job) -> None:
    """Has the run of the job looked after. Raises Transient."""
    if job.subject is not None:
        rows_of(job.subject.id).wake()
