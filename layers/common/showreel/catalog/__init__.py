"""Which models there are, what they can do, what they cost and who makes them."""

from showreel.catalog.catalogue import bind, find_model, get_model, list_models, replacement
from showreel.catalog.models import Binding, Model
from showreel.catalog.pricing import Price, price, snap_duration

__all__ = [
    "Binding",
    "Model",
    "Price",
    "bind",
    "find_model",
    "get_model",
    "list_models",
    "price",
    "replacement",
    "snap_duration",
]
