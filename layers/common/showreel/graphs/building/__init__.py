"""Makes a step of each node: what comes in at which handle, which model or operation it asks."""
