"""GMI Cloud, simulated."""
