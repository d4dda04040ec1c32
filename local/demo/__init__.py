"""`make demo`: from stills to a finished film, on this machine, through the HTTP API alone."""
