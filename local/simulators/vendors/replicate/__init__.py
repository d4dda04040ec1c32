"""Replicate, simulated."""
