"""Pictures, videos and voice-overs of shots, as generation jobs."""
