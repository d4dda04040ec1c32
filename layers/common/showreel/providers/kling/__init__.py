"""Kling, in both of its API standards."""
