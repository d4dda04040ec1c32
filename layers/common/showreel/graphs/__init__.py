"""Compute graphs: cached, durable, and as parallel as their edges allow."""
