"""`gmi-execute`: one request, its job by polling."""
