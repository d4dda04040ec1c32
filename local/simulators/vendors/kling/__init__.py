"""Kling, simulated."""
