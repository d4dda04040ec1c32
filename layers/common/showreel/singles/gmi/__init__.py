"""`gmi-execute`: one request, whose job is polled."""
