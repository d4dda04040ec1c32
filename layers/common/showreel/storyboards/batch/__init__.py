"""`project-auto-generate`: makes all pictures or videos of a project in one run."""
