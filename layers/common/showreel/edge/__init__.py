"""The HTTP edge: what every endpoint does with its request and answer."""
