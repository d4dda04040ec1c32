"""The HTTP edge: what every endpoint does with a request and an answer."""
