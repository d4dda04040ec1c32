"""Video projects: what a film is made of, and how it is edited."""
