"""`make demo STORY=1`: from one sentence to a finished film, through the HTTP API alone."""
