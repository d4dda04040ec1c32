"""Compute graphs: nodes that make media out of each other's results, and what joins them."""
