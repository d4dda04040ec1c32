"""Storyboards: projects, their scenes and shots, and what is made for a shot."""
