"""The music library."""
