"""fal, simulated."""
