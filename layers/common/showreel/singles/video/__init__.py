"""Interior and social videos: one request, one video."""
