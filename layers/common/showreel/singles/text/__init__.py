"""Language models over HTTP, streamed."""
