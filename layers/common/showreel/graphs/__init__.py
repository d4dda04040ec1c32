"""Compute graphs: nodes that make media from each other's results, joined by edges."""
