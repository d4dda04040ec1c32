"""`fal-stream`: one request, a stream of its job's events."""
