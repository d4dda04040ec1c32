"""Single generations over HTTP: request and response bodies of each product."""
