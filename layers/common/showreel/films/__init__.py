"""Films: video projects, their clips, rooms, templates, music, prices, and the film pipeline."""
