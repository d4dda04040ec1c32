"""Orders of catalogue models: from a caller's request to a job and its answer."""
