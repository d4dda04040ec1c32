"""What products do with the results of their jobs, for the engine, which knows no product.

Every function that ends jobs of others calls `tell_products` before it handles its first event. A
product is imported when the first job of its own has ended.
"""

from showreel.generation.models import Job
from showreel.generation.subjects import on_settled

SHOT, GRAPH_RUN = "shot", "graph_run"
"""The kinds of subjects, as the products name them."""


def tell_products() -> None:
    """Has each product told when a job that is made for one of its rows ends."""
    on_settled(SHOT, _shot_settled)
    on_settled(GRAPH_RUN, _node_settled)


def _shot_settled(job: Job) -> None:
    from showreel.storyboards.batch.results import shot_settled

    shot_settled(job)


def _node_settled(job: Job) -> None:
    from showreel.graphs.runs.wake import node_settled

    node_settled(job)
