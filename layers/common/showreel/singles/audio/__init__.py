"""Speech, sound effects and music: one request, one sound."""
