"""`fal-stream`: one request, answered with a stream of its job's events."""
