"""Groq, simulated."""
