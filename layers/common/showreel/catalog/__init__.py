"""Which models there are, what they can do, what they cost and who makes them."""

from showreel.catalog.catalogue import (
    bind,
    find_model,
    get_model,
    get_product,
    list_ids,
    replacement,
)
from showreel.catalog.models import Binding, Model, Product
from showreel.catalog.pricing import Price, default_duration, price, snap_duration

__all__ = [
    "Binding",
    "Model",
    "Price",
    "Product",
    "bind",
    "default_duration",
    "find_model",
    "get_model",
    "get_product",
    "list_ids",
    "price",
    "replacement",
    "snap_duration",
]
