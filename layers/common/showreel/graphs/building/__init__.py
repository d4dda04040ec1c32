"""Makes each node's step: its inputs by handle, and the model or operation that makes it."""
