"""Runs and their numbered events: every stream, poll and webhook is a view of them."""
