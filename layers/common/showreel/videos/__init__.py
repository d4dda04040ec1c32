"""Single videos: one picture and a prompt become one clip, sold by two endpoints."""
