"""Registers products with `generation`, which imports none, for the results of their jobs.

Every Lambda function that settles jobs of products calls `register_products` before its first
event. A product is imported when its first job is settled.
"""

from showreel.generation.models import Job
from showreel.generation.subjects import on_settled

SHOT, GRAPH_RUN = "shot", "graph_run"
"""The kinds of subjects, as the products name them."""


def register_products() -> None:
    """Registers each product's function for jobs whose subject is one of its rows."""
    on_settled(SHOT, _shot_settled)
    on_settled(GRAPH_RUN, _node_settled)


def _shot_settled(job: Job) -> None:
    from showreel.storyboards.batch.results import shot_settled

    shot_settled(job)


def _node_settled(job: Job) -> None:
    from showreel.graphs.runs.wake import node_settled

    node_settled(job)
