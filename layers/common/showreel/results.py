"""What products do with the results of their jobs, for the engine, which knows no product.

Every function that ends jobs of others calls `tell_products` before it handles its first event.
"""

from showreel.generation.subjects import on_settled
from showreel.graphs.runs import wake
from showreel.storyboards.batch.results import shot_settled
from showreel.storyboards.generations.requests import SUBJECT


def tell_products() -> None:
    """Has each product told when a job that is made for one of its rows ends."""
    on_settled(SUBJECT, shot_settled)
    on_settled(wake.SUBJECT, wake.node_settled)
