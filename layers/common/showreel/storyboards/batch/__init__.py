"""All pictures or videos of a project in one run: `project-auto-generate`."""
