"""Pictures, videos and voice-overs of shots, as jobs of the one engine."""
