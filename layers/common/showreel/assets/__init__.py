"""Pictures, sound and clips: fetched safely, verified, kept in one bucket, handed out by URL."""
