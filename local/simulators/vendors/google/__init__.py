"""Google, simulated."""
