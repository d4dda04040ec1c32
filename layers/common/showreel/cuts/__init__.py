"""Director's Cut: the timeline of a storyboard, and the exports that are made of it."""
