"""Showreel: stills and prompts in, finished videos out. See docs/architecture.md for the rooms."""
