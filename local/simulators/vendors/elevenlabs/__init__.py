"""ElevenLabs, simulated."""
